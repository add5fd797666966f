//! States on the emulated S3, and the real program at work on them.
#![allow(dead_code, reason = "every test uses what it needs")]

use crate::emulator::{self, Account, REGION, emulator};
use crate::folder::{self, Folder, Run};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

/// The account's bucket. Names of buckets are the whole world's.
pub(crate) fn bucket(account: &Account) -> String {
    format!("states-{}", account.id)
}

/// One request of S3, as moto takes it: the path within the server, its method, its body. The answer
/// is its head and its body.
pub(crate) fn request(
    account: &Account,
    method: &str,
    path: &str,
    body: &[u8],
) -> (String, Vec<u8>) {
    let server = account.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&server).unwrap();
    let key = account.key();
    let head = format!(
        "{method} /{path} HTTP/1.0\r\nHost: {server}\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential={key}/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let body = answer.split_off(end + 4);
    assert!(head.split(' ').nth(1).is_some_and(|status| status.starts_with('2')), "{head}");
    (head, body)
}

/// The same, with texts.
pub(crate) fn s3(account: &Account, method: &str, path: &str, body: &str) -> String {
    let (_, body) = request(account, method, path, body.as_bytes());
    String::from_utf8(body).unwrap()
}

/// Keys of all objects.
pub(crate) fn keys(account: &Account) -> Vec<String> {
    let list = s3(account, "GET", &format!("{}?list-type=2&max-keys=1000", bucket(account)), "");
    let keys = list.split("<Key>").skip(1);
    keys.map(|rest| rest.split("</Key>").next().unwrap().to_owned()).collect()
}

/// An account with a bucket; none where there is no emulator.
pub(crate) fn account() -> Option<Account> {
    let inventory =
        std::fs::read_to_string(folder::root().join("examples/eks-workshop/inventory.yaml"));
    let inventory = inventory.unwrap().replace("ap-northeast-2", REGION);
    let account =
        emulator()?.account_with(REGION, &inventory.replace("111122223333", emulator::ANY));
    let body = format!(
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    );
    s3(&account, "PUT", &bucket(&account), &body);
    Some(account)
}

/// A team's folder: its Ingress in a namespace of its own, on the cluster that all share.
pub(crate) fn team(account: &Account, name: &str) -> Folder {
    let folder = Folder::workshop();
    for file in ["k8s/ingc.yaml", "k8s/inventory.yaml"] {
        let text = std::fs::read_to_string(folder.path(file)).unwrap();
        let text = text.replace("ap-northeast-2", REGION).replace("111122223333", &account.id);
        folder.put(file, &text);
    }
    let text = std::fs::read_to_string(folder.path("k8s/alb-ing-01.yaml")).unwrap();
    folder.put("k8s/alb-ing-01.yaml", &text.replace("alb-ing-01", name));
    folder
}

pub(crate) fn start(account: &Account, folder: &Folder, arguments: &[&str]) -> Child {
    let mut command = folder
        .command(&[arguments, &["--state", &format!("s3://{}/prod/", bucket(account))]].concat());
    account.lend(&mut command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

pub(crate) fn run(account: &Account, folder: &Folder, arguments: &[&str]) -> Run {
    Run::of(start(account, folder, arguments).wait_with_output().unwrap())
}
