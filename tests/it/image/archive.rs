//! The archive as an engine reads it: digests, layers, names, and the same bytes each time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const LARGEST_BYTES: u64 = 25_000_000;

/// The archive, and below it what is in it.
pub(super) struct Image {
    folder: TempDir,
}

/// Runs a tool to its end; what it printed.
pub(super) fn run(program: &str, arguments: &[&str], install: &str) -> String {
    let said = Command::new(program).args(arguments).output();
    let said = said.unwrap_or_else(|error| panic!("{program}: {error}; apt-get install {install}"));
    let words = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{program} {arguments:?}: {words}");
    String::from_utf8_lossy(&said.stdout).into_owned()
}

fn show(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Made once a test process.
pub(super) fn image() -> &'static Image {
    static IMAGE: OnceLock<Image> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let image = Image { folder };
        let binary = image.path("logitd");
        let debug = env!("CARGO_BIN_EXE_logitd");
        run("strip", &["-o", show(&binary), debug], "binutils");
        image.make("logitd.tar", "logitd:test");
        image.unpack("logitd.tar", "layout");
        fs::create_dir(image.path("rootfs")).unwrap();
        for digest in image.layers() {
            let layer = format!("layout/blobs/sha256/{digest}");
            image.unpack(&layer, "rootfs");
        }
        image
    })
}

impl Image {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn make(&self, archive: &str, name: &str) -> Vec<u8> {
        let script = format!("{ROOT}/scripts/image.sh");
        let (binary, out) = (self.path("logitd"), self.path(archive));
        let words = [
            "--binary",
            show(&binary),
            "--out",
            show(&out),
            "--name",
            name,
        ];
        run(&script, &words, "bash");
        fs::read(out).unwrap()
    }

    fn unpack(&self, archive: &str, folder: &str) {
        let (archive, folder) = (self.path(archive), self.path(folder));
        fs::create_dir_all(&folder).unwrap();
        run(
            "tar",
            &["-xf", show(&archive), "-C", show(&folder)],
            "tar gzip",
        );
    }

    fn json(&self, file: &str) -> Value {
        let path = self.path("layout").join(file);
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    /// A blob by a descriptor, whose size and digest are those of its bytes.
    fn blob(&self, described: &Value) -> Vec<u8> {
        let digest = hex(&described["digest"]);
        let bytes = fs::read(self.path("layout/blobs/sha256").join(digest)).unwrap();
        assert_eq!(described["size"], bytes.len());
        assert_eq!(digest, sha256(&bytes));
        bytes
    }

    fn manifest(&self) -> Value {
        let index = self.json("index.json");
        assert_eq!(index["manifests"].as_array().unwrap().len(), 1);
        serde_json::from_slice(&self.blob(&index["manifests"][0])).unwrap()
    }

    fn layers(&self) -> Vec<String> {
        let manifest = self.manifest();
        let layers = manifest["layers"].as_array().unwrap().iter();
        layers
            .map(|layer| hex(&layer["digest"]).to_owned())
            .collect()
    }

    /// What an engine does by itself: user, command, health check, labels.
    pub(super) fn config(&self) -> Value {
        serde_json::from_slice(&self.blob(&self.manifest()["config"])).unwrap()
    }
}

fn hex(digest: &Value) -> &str {
    let digest = digest.as_str().unwrap();
    digest.strip_prefix("sha256:").unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn it_is_byte_for_byte_the_same_when_made_twice() {
    let image = image();
    let first = fs::read(image.path("logitd.tar")).unwrap();
    let second = image.make("again.tar", "logitd:test");
    assert!(
        first == second,
        "{} and {} bytes",
        first.len(),
        second.len()
    );
    assert!(
        (first.len() as u64) < LARGEST_BYTES,
        "{} bytes",
        first.len()
    );
}

#[test]
fn two_layers_have_the_digests_that_manifest_and_configuration_say() {
    let image = image();
    let manifest = image.manifest();
    let layers = manifest["layers"].as_array().unwrap();
    let config = image.config();
    let diff_ids = config["rootfs"]["diff_ids"].as_array().unwrap();
    assert_eq!((layers.len(), diff_ids.len()), (2, 2));
    assert_eq!(config["history"].as_array().unwrap().len(), 2);
    for (layer, diff_id) in layers.iter().zip(diff_ids) {
        assert_eq!(
            layer["mediaType"],
            "application/vnd.oci.image.layer.v1.tar+gzip"
        );
        image.blob(layer);
        let packed = image
            .path("layout/blobs/sha256")
            .join(hex(&layer["digest"]));
        let script = r#"gzip -dc "$1" | sha256sum"#;
        let plain = run("sh", &["-c", script, "sh", show(&packed)], "gzip coreutils");
        assert_eq!(plain.split(' ').next().unwrap(), hex(diff_id));
    }
}

#[test]
fn containerd_and_docker_find_what_they_read() {
    let image = image();
    assert_eq!(image.json("oci-layout")["imageLayoutVersion"], "1.0.0");
    let listed = &image.json("index.json")["manifests"][0];
    let name = &listed["annotations"]["io.containerd.image.name"];
    assert_eq!(name, "docker.io/library/logitd:test");
    assert_eq!(
        listed["annotations"]["org.opencontainers.image.ref.name"],
        "test"
    );
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    };
    assert_eq!(listed["platform"]["architecture"], architecture);
    assert_eq!(image.config()["architecture"], architecture);

    let docker = &image.json("manifest.json")[0];
    assert_eq!(docker["RepoTags"][0], "logitd:test");
    let manifest = image.manifest();
    let blob = |described: &Value| format!("blobs/sha256/{}", hex(&described["digest"]));
    assert_eq!(docker["Config"], blob(&manifest["config"]));
    let layers: Vec<String> = manifest["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(blob)
        .collect();
    assert_eq!(docker["Layers"], Value::from(layers));
}

#[test]
fn the_containerfile_says_the_same_of_user_command_and_health() {
    let config = image().config();
    let file = fs::read_to_string(format!("{ROOT}/deploy/Containerfile")).unwrap();
    let (_, last) = file
        .split_once("FROM scratch\n")
        .expect("the last stage is empty");
    assert!(
        !last.contains("\nRUN ") && !last.contains("FROM "),
        "{last}"
    );
    let config = &config["config"];
    let told = [
        format!("USER {}", config["User"].as_str().unwrap()),
        format!("ENTRYPOINT {}", config["Entrypoint"]),
        format!("CMD {}", config["Cmd"]),
        format!("WORKDIR {}", config["WorkingDir"].as_str().unwrap()),
        format!("STOPSIGNAL {}", config["StopSignal"].as_str().unwrap()),
        "EXPOSE 8080/tcp".to_owned(),
    ];
    for line in told {
        assert!(last.lines().any(|one| one == line), "{line}\n{last}");
    }
    assert_eq!(config["User"], "65532:65532");
    assert_eq!(config["ExposedPorts"], serde_json::json!({"8080/tcp": {}}));
    let health = config["Healthcheck"]["Test"].as_array().unwrap();
    assert_eq!(health[0], "CMD");
    let asked = serde_json::to_string(&health[1..])
        .unwrap()
        .replace(',', ", ");
    assert!(last.contains(&format!("  CMD {asked}")), "{asked}");
    for variable in config["Env"].as_array().unwrap() {
        assert!(last.contains(variable.as_str().unwrap()), "{variable}");
    }
    for label in config["Labels"].as_object().unwrap().keys() {
        assert!(last.contains(&format!("{label}=")), "{label}");
    }
}
