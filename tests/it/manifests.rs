//! What is promised about the manifests, rule by rule, over every object that `kubectl kustomize`
//! renders. A file a subject; none of it needs a cluster.

mod configuration;
mod encrypted;
mod jobs;
mod network;
mod observed;
mod pods;
mod rollout;
mod scaling;
mod schemas;
