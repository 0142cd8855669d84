//! A database whose certificate is refused, told with what to do about it.

use rustls::{CertificateError, Error};
use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// What to do about a certificate that was refused; nothing where it was something else.
pub(super) fn advice(error: &DbErr) -> Option<&'static str> {
    let (DbErr::Conn(RuntimeErr::SqlxError(said))
    | DbErr::Exec(RuntimeErr::SqlxError(said))
    | DbErr::Query(RuntimeErr::SqlxError(said))) = error
    else {
        return None;
    };
    let refused = match said.as_ref() {
        SqlxError::Io(error) => error.get_ref()?.downcast_ref()?,
        SqlxError::Tls(error) => error.downcast_ref()?,
        _ => return None,
    };
    let Error::InvalidCertificate(why) = refused else {
        return None;
    };
    Some(match why {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is of no authority that is trusted; name the authority's PEM file with \
             sslrootcert=FILE in the URL"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another host; write the host in the URL as the certificate has it, or \
             have one made for this host"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired; renew it where the database runs, or set the clock here right"
        }
        _ => "its certificate cannot be used; have another made where the database runs",
    })
}
