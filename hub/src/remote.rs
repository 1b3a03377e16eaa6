//! Files of a dump in an object store (`s3://`, `gs://`) or on a web server: listed, and fetched into the work folder a batch at a
//! time, so that any engine reads them as it reads files. Credentials come from the variables that these stores' tools read.

use crate::failure::{Failure, Result};
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::http::HttpBuilder;
use object_store::path::Path as Key;
use object_store::{BackoffConfig, ClientConfigKey, ObjectMeta, ObjectStore, ObjectStoreExt, RetryConfig};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use url::Url;

/// How many files are fetched at the same time.
const AT_ONCE: usize = 16;
/// How long a server may be silent.
const SILENCE: Duration = Duration::from_secs(60);

/// A file, or a folder, that is not on this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Address {
    /// `s3://BUCKET`, `gs://BUCKET` or `https://HOST`.
    store: String,
    key: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.store, self.key)
    }
}

impl Address {
    /// Reads an address; `None` if the text has no scheme and so is a path.
    pub(crate) fn parse(text: &str) -> Option<Result<Self>> {
        let (scheme, _) = text.split_once("://")?;
        Some(Self::of(text, scheme))
    }

    fn of(text: &str, scheme: &str) -> Result<Self> {
        let refused = |message: String| Failure::input(format!("--from {text}: {message}"));
        if !["s3", "gs", "http", "https"].contains(&scheme) {
            return Err(refused(format!(
                "{scheme}:// is not read; expected a folder, s3://, gs://, http:// or https://"
            )));
        }
        let url = Url::parse(text).map_err(|error| refused(error.to_string()))?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(refused("an address with a query, a fragment or a password is not read".to_owned()));
        }
        let key = Key::from_url_path(url.path()).map_err(|error| refused(error.to_string()))?;
        Ok(Self { store: url[..url::Position::BeforePath].to_owned(), key: key.as_ref().to_owned() })
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }

    /// The parts of the path.
    pub(crate) fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.key.split('/')
    }

    fn key(&self) -> Result<Key> {
        Key::parse(&self.key).map_err(|error| Failure::input(format!("{self}: {error}")))
    }

    fn open(&self) -> Result<Arc<dyn ObjectStore>> {
        let failed = |error| Failure::input(format!("{}: {error}", self.store));
        let retry = RetryConfig {
            backoff: BackoffConfig { init_backoff: Duration::from_millis(200), ..BackoffConfig::default() },
            max_retries: 4,
            retry_timeout: Duration::from_secs(60),
        };
        // A large file takes longer than any limit on the whole of a request.
        let (limit, connect) = ("1 day", "10 s");
        Ok(if self.store.starts_with("s3:") {
            let key = AmazonS3ConfigKey::Client;
            let builder = AmazonS3Builder::from_env().with_url(&self.store).with_retry(retry);
            let builder = builder.with_config(key(ClientConfigKey::Timeout), limit);
            Arc::new(builder.with_config(key(ClientConfigKey::ConnectTimeout), connect).build().map_err(failed)?)
        } else if self.store.starts_with("gs:") {
            let key = GoogleConfigKey::Client;
            let builder = GoogleCloudStorageBuilder::from_env().with_url(&self.store).with_retry(retry);
            let builder = builder.with_config(key(ClientConfigKey::Timeout), limit);
            Arc::new(builder.with_config(key(ClientConfigKey::ConnectTimeout), connect).build().map_err(failed)?)
        } else {
            let builder = HttpBuilder::new().with_url(&self.store).with_retry(retry);
            let builder = builder.with_config(ClientConfigKey::AllowHttp, "true");
            let builder = builder.with_config(ClientConfigKey::Timeout, limit);
            Arc::new(builder.with_config(ClientConfigKey::ConnectTimeout, connect).build().map_err(failed)?)
        })
    }

    /// The files below this folder: each with its path from here, its bytes and when it was changed, in seconds.
    pub(crate) async fn list(&self) -> Result<Vec<(Self, Vec<String>, u64, u64)>> {
        let prefix = self.key()?;
        let listed: std::result::Result<Vec<ObjectMeta>, _> = self.open()?.list(Some(&prefix)).try_collect().await;
        let listed = listed.map_err(|error| {
            let help = "; name each file of a server that lists none: --from models=URL --from results=URL";
            let help = if self.store.starts_with("http") { help } else { "" };
            Failure::input(format!("{self}: can't be listed: {error}{help}"))
        })?;
        let file = |meta: ObjectMeta| {
            let parts = meta.location.prefix_match(&prefix)?.map(|part| part.as_ref().to_owned()).collect();
            let address = Self { store: self.store.clone(), key: meta.location.as_ref().to_owned() };
            Some((address, parts, meta.size, seconds(&meta)))
        };
        let mut files: Vec<_> = listed.into_iter().filter_map(file).collect();
        files.sort();
        Ok(files)
    }

    /// The bytes of this file and when it was changed.
    pub(crate) async fn head(&self) -> Result<(u64, u64)> {
        let meta = self.open()?.head(&self.key()?).await;
        let meta = meta.map_err(|error| Failure::input(format!("{self}: {error}")))?;
        Ok((meta.size, seconds(&meta)))
    }
}

fn seconds(meta: &ObjectMeta) -> u64 {
    u64::try_from(meta.last_modified.timestamp()).unwrap_or(0)
}

/// Fetches files into a folder, each into a folder of its own so that it keeps its name, and returns their paths. A file that is
/// there already is kept.
pub(crate) async fn fetch(addresses: &[&Address], folder: &Path) -> Result<Vec<PathBuf>> {
    let mut stores: HashMap<&str, Arc<dyn ObjectStore>> = HashMap::new();
    for address in addresses {
        if !stores.contains_key(address.store.as_str()) {
            stores.insert(&address.store, address.open()?);
        }
    }
    let mut files = Vec::new();
    for (at, address) in addresses.iter().enumerate() {
        let store = stores[address.store.as_str()].clone();
        files.push(fetch_one(store, (*address).clone(), folder.join(format!("{at:06}"))));
    }
    futures::stream::iter(files).buffered(AT_ONCE).try_collect().await
}

async fn fetch_one(store: Arc<dyn ObjectStore>, address: Address, folder: PathBuf) -> Result<PathBuf> {
    let path = folder.join(address.name());
    if path.exists() {
        return Ok(path);
    }
    let failed = |error: &dyn fmt::Display| Failure::work(format!("{address}: {error}"));
    tokio::fs::create_dir_all(&folder).await.map_err(|error| Failure::at(&folder, &error))?;
    let part = folder.join(".unfinished");
    let mut file = tokio::fs::File::create(&part).await.map_err(|error| Failure::at(&part, &error))?;
    let found = store.get(&address.key()?).await.map_err(|error| failed(&error))?;
    let size = found.meta.size;
    let (mut content, mut written) = (found.into_stream(), 0);
    loop {
        let next = tokio::time::timeout(SILENCE, content.next()).await;
        match next.map_err(|_| failed(&"the server sends nothing more"))?.transpose().map_err(|error| failed(&error))? {
            Some(bytes) => {
                written += bytes.len() as u64;
                file.write_all(&bytes).await.map_err(|error| Failure::at(&part, &error))?;
            }
            None if written == size => break,
            None => return Err(failed(&format!("ended after {written} of {size} bytes; run the same command again"))),
        }
    }
    file.flush().await.map_err(|error| Failure::at(&part, &error))?;
    tokio::fs::rename(&part, &path).await.map_err(|error| Failure::at(&path, &error))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_others_refused() {
        let shown =
            |text: &str| Address::parse(text).map(|address| address.map(|address| address.to_string()).unwrap());
        assert_eq!(shown("/data/dump"), None);
        assert_eq!(shown("s3://bucket/a/b/").as_deref(), Some("s3://bucket/a/b"));
        assert_eq!(shown("https://host:81/a%20b/c.json").as_deref(), Some("https://host:81/a b/c.json"));
        let refused = |text: &str| Address::parse(text).unwrap().unwrap_err().to_string();
        assert!(refused("abfs://container/x").contains("abfs:// is not read; expected a folder, s3://"));
        assert!(refused("https://host/x?sig=1").contains("a query"));
        assert!(refused("https://me:word@host/x").contains("a password"));
    }
}
