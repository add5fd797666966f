//! Objects of one bucket, read and written on conditions.

use crate::error::Error;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// So many objects are read at once.
const AT_ONCE: usize = 32;
/// How often a write is tried that S3 says to be in conflict with another one.
const ATTEMPTS: u32 = 6;
/// The rest after the first conflict; each one after it is twice as long.
const REST: Duration = Duration::from_millis(50);

/// A bucket. Its calls run in a thread of their own and are waited for, so that whoever keeps a
/// state may do so in the midst of other calls.
pub(super) struct Bucket {
    client: Arc<aws_sdk_s3::Client>,
    name: String,
    runtime: Option<Runtime>,
}

/// On which condition an object is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Whatever is there.
    Any,
    /// Nothing is there.
    Absent,
    /// What is there has this tag.
    Is(String),
}

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// What it holds, which may be anything.
    pub(super) bytes: Vec<u8>,
    /// What it is known by as long as nobody writes it.
    pub(super) etag: String,
}

/// Why a call failed.
enum Fault {
    /// The condition does not hold.
    Condition,
    /// Another write was under way.
    Conflict,
    /// There is no such object.
    Missing,
    /// Something else.
    Other(String),
}

impl Bucket {
    /// A bucket that is reached with whatever credentials, region and endpoint an SDK would use.
    ///
    /// # Errors
    /// If AWS cannot be reached from here at all.
    pub(super) fn open(name: &str, region: &str) -> Result<Bucket, Error> {
        let failed = |message: String| Error::S3 { object: format!("s3://{name}"), message };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("ingc-s3")
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let region = region.to_owned();
        let sdk = run(&runtime, async move {
            match crate::aws::load("").await {
                Err(_) if !region.is_empty() => crate::aws::load(&region).await,
                loaded => loaded,
            }
        });
        let sdk = sdk.ok_or_else(ended).and_then(|sdk| sdk).map_err(failed)?;
        let own = std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let config = aws_sdk_s3::config::Builder::from(&sdk)
            // Other servers than AWS's own have no host for every bucket.
            .force_path_style(own || sdk.endpoint_url().is_some())
            .build();
        Ok(Bucket::of(config, name, runtime))
    }

    fn of(config: aws_sdk_s3::Config, name: &str, runtime: Runtime) -> Bucket {
        let client = Arc::new(aws_sdk_s3::Client::from_conf(config));
        Bucket { client, name: name.to_owned(), runtime: Some(runtime) }
    }

    /// Reads an object, if there is one.
    pub(super) fn get(&self, key: &str) -> Result<Option<Object>, Error> {
        let (client, bucket, at) = (self.client.clone(), self.name.clone(), key.to_owned());
        self.call(key, async move { get(&client, &bucket, &at).await })
    }

    /// Reads objects, many at a time. Those that are gone are left out.
    pub(super) fn get_all(&self, keys: &[String]) -> Result<BTreeMap<String, Object>, Error> {
        let (client, bucket) = (self.client.clone(), self.name.clone());
        let keys = keys.to_vec();
        self.call("", async move {
            let mut found = BTreeMap::new();
            let mut under_way = JoinSet::new();
            let mut waiting = keys.into_iter();
            loop {
                while under_way.len() < AT_ONCE {
                    let Some(key) = waiting.next() else { break };
                    let (client, bucket) = (client.clone(), bucket.clone());
                    under_way.spawn(async move {
                        let object = get(&client, &bucket, &key).await;
                        (key, object)
                    });
                }
                match under_way.join_next().await {
                    None => return Ok(found),
                    Some(Ok((key, object))) => {
                        found.extend(object?.map(|object| (key, object)));
                    }
                    Some(Err(error)) => return Err(Fault::Other(error.to_string())),
                }
            }
        })
    }

    /// Writes an object: its new tag, or none if the condition does not hold.
    pub(super) fn put(
        &self,
        key: &str,
        text: &str,
        condition: &Condition,
    ) -> Result<Option<String>, Error> {
        let (client, bucket, at) = (self.client.clone(), self.name.clone(), key.to_owned());
        let (text, condition) = (text.to_owned(), condition.clone());
        self.call(key, async move {
            for attempt in 0..ATTEMPTS {
                let call = client.put_object().bucket(&bucket).key(&at);
                let call = match &condition {
                    Condition::Any => call,
                    Condition::Absent => call.if_none_match("*"),
                    Condition::Is(etag) => call.if_match(etag),
                };
                let body = ByteStream::from(text.clone().into_bytes());
                let sent = call.content_type("application/json").body(body).send().await;
                match sent.map_err(|error| fault(&error)) {
                    Ok(written) => return Ok(Some(written.e_tag().unwrap_or_default().to_owned())),
                    Err(Fault::Conflict) => tokio::time::sleep(REST * 2_u32.pow(attempt)).await,
                    Err(Fault::Condition | Fault::Missing) => {
                        // An answer may have been lost, and the call made again: what is there
                        // may be ours.
                        let there = get(&client, &bucket, &at).await?;
                        let ours = there.filter(|object| object.bytes == text.as_bytes());
                        return Ok(ours.map(|object| object.etag));
                    }
                    Err(other) => return Err(other),
                }
            }
            Err(Fault::Other("others write it all the time".to_owned()))
        })
    }

    /// Deletes an object: false if it is not the one that the tag is of.
    pub(super) fn delete(&self, key: &str, etag: Option<&str>) -> Result<bool, Error> {
        let (client, bucket, at) = (self.client.clone(), self.name.clone(), key.to_owned());
        let etag = etag.map(str::to_owned);
        self.call(key, async move {
            for attempt in 0..ATTEMPTS {
                let call = client.delete_object().bucket(&bucket).key(&at);
                let sent = call.set_if_match(etag.clone()).send().await;
                match sent.map_err(|error| fault(&error)) {
                    Ok(_) | Err(Fault::Missing) => return Ok(true),
                    Err(Fault::Conflict) => tokio::time::sleep(REST * 2_u32.pow(attempt)).await,
                    Err(Fault::Condition) => {
                        return Ok(get(&client, &bucket, &at).await?.is_none());
                    }
                    Err(other) => return Err(other),
                }
            }
            Err(Fault::Other("others write it all the time".to_owned()))
        })
    }

    /// Keys below a prefix, with their tags.
    pub(super) fn list(&self, prefix: &str) -> Result<BTreeMap<String, String>, Error> {
        let (client, bucket, below) = (self.client.clone(), self.name.clone(), prefix.to_owned());
        self.call(prefix, async move {
            let mut found = BTreeMap::new();
            let mut next = None;
            loop {
                let call = client.list_objects_v2().bucket(&bucket).prefix(&below);
                let sent = call.set_continuation_token(next).send().await;
                let page = sent.map_err(|error| fault(&error))?;
                for object in page.contents() {
                    let key = object.key().unwrap_or_default().to_owned();
                    found.insert(key, object.e_tag().unwrap_or_default().to_owned());
                }
                next = page.next_continuation_token().map(str::to_owned);
                if next.is_none() {
                    return Ok(found);
                }
            }
        })
    }

    fn call<T: Send + 'static>(
        &self,
        key: &str,
        call: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, Error> {
        let done = self.runtime.as_ref().and_then(|runtime| run(runtime, call));
        done.unwrap_or_else(|| Err(Fault::Other(ended()))).map_err(|fault| {
            let object = format!("s3://{}/{key}", self.name);
            let message = match fault {
                Fault::Other(message) => message,
                Fault::Condition | Fault::Conflict => "somebody else has written it".to_owned(),
                Fault::Missing => "it is not there".to_owned(),
            };
            Error::S3 { object, message }
        })
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // Where nobody may wait for its threads to end, dropping a runtime would panic.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Runs to its end in the runtime's thread; none if that has ended.
fn run<T: Send + 'static>(
    runtime: &Runtime,
    call: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let (done, waiting) = channel();
    runtime.spawn(async move {
        // Nobody waits any more: then nobody wants to know.
        let _ = done.send(call.await);
    });
    waiting.recv().ok()
}

fn ended() -> String {
    "the thread that makes the calls has ended".to_owned()
}

async fn get(
    client: &aws_sdk_s3::Client,
    bucket: &str,
    key: &str,
) -> Result<Option<Object>, Fault> {
    let answer = match client.get_object().bucket(bucket).key(key).send().await {
        Ok(answer) => answer,
        Err(error) => {
            return match fault(&error) {
                Fault::Missing => Ok(None),
                other => Err(other),
            };
        }
    };
    let etag = answer.e_tag().unwrap_or_default().to_owned();
    let body = answer.body.collect().await.map_err(|error| Fault::Other(error.to_string()))?;
    Ok(Some(Object { bytes: body.to_vec(), etag }))
}

fn fault<E>(error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().unwrap_or_default();
    match (status, code) {
        (_, "NoSuchBucket") => Fault::Other("there is no such bucket".to_owned()),
        (Some(412), _) => Fault::Condition,
        (Some(409), _) => Fault::Conflict,
        (Some(404), _) => Fault::Missing,
        (Some(301), _) => {
            Fault::Other("the bucket is in another region: say which with AWS_REGION".to_owned())
        }
        _ => Fault::Other(crate::aws::told(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Mutex;

    /// A server that gives these answers, one to each request, and keeps what was asked: method and
    /// conditions.
    struct Server {
        url: String,
        asked: Arc<Mutex<Vec<String>>>,
    }

    fn answer(stream: TcpStream, answer: &str) -> std::io::Result<String> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut head, mut length, mut asked) = (String::new(), 0, String::new());
        reader.read_line(&mut head)?;
        asked.push_str(head.split(' ').next().unwrap_or_default());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap_or(0);
            }
            if line.starts_with("if-") {
                asked.push_str(&format!(" {line}"));
            }
        }
        reader.read_exact(&mut vec![0; length])?;
        let (status, body) = answer.split_once('|').unwrap_or((answer, ""));
        write!(
            &stream,
            "HTTP/1.1 {status} X\r\nETag: \"e\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        Ok(asked)
    }

    impl Server {
        fn start(answers: &'static [&'static str]) -> Server {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let asked = Arc::new(Mutex::new(Vec::new()));
            let keeps = asked.clone();
            std::thread::spawn(move || {
                for text in answers {
                    let (stream, _) = listener.accept().unwrap();
                    keeps.lock().unwrap().push(answer(stream, text).unwrap());
                }
            });
            Server { url, asked }
        }

        fn bucket(&self) -> Bucket {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            let runtime = runtime.unwrap();
            let sdk = run(&runtime, crate::aws::load("eu-central-1")).unwrap().unwrap();
            let credentials = Credentials::new("AKIA", "secret", None, None, "test");
            let config = aws_sdk_s3::config::Builder::from(&sdk)
                .endpoint_url(&self.url)
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .force_path_style(true)
                .build();
            Bucket::of(config, "states", runtime)
        }

        fn asked(&self) -> Vec<String> {
            self.asked.lock().unwrap().clone()
        }
    }

    const CONFLICT: &str = "409|<Error><Code>ConditionalRequestConflict</Code></Error>";
    const CONDITION: &str = "412|<Error><Code>PreconditionFailed</Code></Error>";

    #[test]
    fn a_write_in_conflict_with_another_is_made_again() {
        let server = Server::start(&[CONFLICT, CONFLICT, "200"]);
        let put = server.bucket().put("k", "text", &Condition::Is("\"a\"".to_owned()));
        assert_eq!(put.unwrap().as_deref(), Some("\"e\""));
        assert_eq!(server.asked(), ["PUT if-match: \"a\""; 3]);
    }

    #[test]
    fn what_somebody_else_has_written_is_told_from_what_we_have() {
        let server = Server::start(&[CONDITION, "200|theirs"]);
        assert_eq!(server.bucket().put("k", "ours", &Condition::Absent).unwrap(), None);
        assert_eq!(server.asked(), ["PUT if-none-match: *", "GET"]);
        // The answer of a first attempt was lost.
        let server = Server::start(&[CONDITION, "200|ours"]);
        let put = server.bucket().put("k", "ours", &Condition::Absent).unwrap();
        assert_eq!(put.as_deref(), Some("\"e\""));
    }

    #[test]
    fn only_what_was_read_is_deleted() {
        let server = Server::start(&[CONDITION, "200|theirs"]);
        assert!(!server.bucket().delete("k", Some("\"a\"")).unwrap());
        let server = Server::start(&[CONFLICT, "204"]);
        assert!(server.bucket().delete("k", Some("\"a\"")).unwrap());
        assert_eq!(server.asked(), ["DELETE if-match: \"a\""; 2]);
        let server = Server::start(&["404|<Error><Code>NoSuchKey</Code></Error>"]);
        assert_eq!(server.bucket().get("k").unwrap(), None);
    }
}
