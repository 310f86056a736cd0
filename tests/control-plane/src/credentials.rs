//! Certificates, tokens and kubeconfig files that live as long as one control plane.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{Error, Part};

/// Who a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum User {
    /// May do everything (group `system:masters`).
    Admin,
    /// The user `operator`: without rights until a test binds roles to it.
    Operator,
    /// The user `nobody`: without rights, for good.
    Nobody,
}

impl User {
    const ALL: [User; 3] = [User::Admin, User::Operator, User::Nobody];

    /// The name by which RBAC and the audit log know the user.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            User::Admin => "admin",
            User::Operator => "operator",
            User::Nobody => "nobody",
        }
    }
}

/// The user that this crate is itself: prepares nodes and namespaces, probes readiness.
pub(crate) const SETUP: &str = "steersman:setup";

/// The user that a part is. The audit policy leaves these out.
pub(crate) fn part_user(part: Part) -> String {
    format!("steersman:{part}")
}

/// A certificate authority, a server certificate for 127.0.0.1 and a token per user.
#[derive(Debug)]
pub(crate) struct Credentials {
    folder: PathBuf,
    authority: Vec<u8>,
    secret: Vec<u8>,
}

impl Credentials {
    /// Makes them anew and writes what the parts need into the folder, which must be readable by its owner alone.
    pub(crate) fn create(folder: &Path) -> Result<Self, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "steersman control plane");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let server_key = KeyPair::generate()?;
        let names = ["127.0.0.1", "localhost"].map(String::from);
        let server = CertificateParams::new(names)?.signed_by(&server_key, &authority)?;
        let service_accounts = KeyPair::generate()?;

        let credentials = Self {
            folder: folder.to_owned(),
            authority: authority.der().to_vec(),
            secret: authority.key().serialize_der(),
        };
        credentials.write("ca.crt", authority.pem())?;
        credentials.write("server.crt", server.pem())?;
        credentials.write("server.key", server_key.serialize_pem())?;
        credentials.write("service-accounts.key", service_accounts.serialize_pem())?;
        credentials.write("service-accounts.pub", service_accounts.public_key_pem())?;
        credentials.write("tokens.csv", credentials.tokens())?;
        Ok(credentials)
    }

    /// The path of a file that `create` wrote.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// The certificate authority, DER encoded.
    pub(crate) fn authority(&self) -> Vec<u8> {
        self.authority.clone()
    }

    /// The bearer token of a user: derived from the secret key of this control plane, so it cannot be guessed.
    pub(crate) fn token(&self, user: &str) -> String {
        let digest = Sha256::new().chain_update(&self.secret).chain_update(user).finalize();
        hex(&digest)
    }

    /// A kubeconfig as JSON, which is YAML too.
    pub(crate) fn kubeconfig(&self, server: &str, user: &str) -> String {
        let name = "steersman";
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority": self.file("ca.crt")}}],
            "users": [{"name": user, "user": {"token": self.token(user)}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
            "current-context": name,
        });
        format!("{config:#}\n")
    }

    /// Writes a kubeconfig into the folder.
    pub(crate) fn write_kubeconfig(&self, server: &str, user: &str, file: &str) -> Result<PathBuf, Error> {
        self.write(file, self.kubeconfig(server, user))
    }

    fn write(&self, file: &str, content: String) -> Result<PathBuf, Error> {
        let path = self.folder.join(file);
        fs::write(&path, content).map_err(Error::io(format!("write {}", path.display())))?;
        Ok(path)
    }

    /// The API server's token file: token, user, uid, groups.
    fn tokens(&self) -> String {
        let parts = Part::ALL.map(part_user);
        let masters = parts.iter().map(String::as_str).chain([SETUP, User::Admin.name()]);
        let others = User::ALL.map(User::name).into_iter().filter(|user| *user != User::Admin.name());
        let row = |user: &str, group| format!("{},{user},{user},{group}\n", self.token(user));
        masters.map(|user| row(user, "system:masters")).chain(others.map(|user| row(user, ""))).collect()
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
