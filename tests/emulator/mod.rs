//! An emulated AWS on this machine: moto, in a virtual environment below `target/` that the first
//! run makes. It ends with the process that started it, however that ends.

#![allow(dead_code, reason = "each test takes what it needs")]

use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The region of all that tests make.
pub(crate) const REGION: &str = "eu-central-1";
/// The cluster.
pub(crate) const CLUSTER: &str = "eksworkshop";

/// The server.
pub(crate) struct Emulator {
    port: u16,
    _server: Child,
}

/// The server of this process. Where it cannot be had, for want of Python or of a way to its
/// packages, there is none, and tests have nothing to do; with `INGC_EMULATOR=required` they fail.
pub(crate) fn emulator() -> Option<&'static Emulator> {
    static EMULATOR: OnceLock<Result<Emulator, String>> = OnceLock::new();
    match EMULATOR.get_or_init(Emulator::start) {
        Ok(emulator) => Some(emulator),
        Err(why) if is_required() => panic!("there is no emulated AWS: {why}"),
        Err(why) => {
            eprintln!("SKIPPED: there is no emulated AWS: {why}");
            None
        }
    }
}

/// The account of recorded cases, which tests exchange for their own.
pub(crate) const ANY: &str = "123456789012";

/// True where tests must not do without an emulator, nor leave anything out.
pub(crate) fn is_required() -> bool {
    std::env::var_os("INGC_EMULATOR").is_some_and(|value| value == "required")
}

fn next_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{:012}", NEXT.fetch_add(1, Ordering::SeqCst))
}

/// The repository, from whichever of its crates this is used.
fn repository() -> &'static Path {
    let crate_ = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut above = crate_.ancestors();
    above.find(|folder| folder.join("tests/emulator/server.py").is_file()).unwrap_or(crate_)
}

fn folder() -> PathBuf {
    repository().join("tests/emulator")
}

impl Emulator {
    fn start() -> Result<Emulator, String> {
        let python = python()?;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(|error| error.to_string())?
            .port();
        let written = File::create(log()).map_err(|error| error.to_string())?;
        let server = Command::new(python)
            .arg(folder().join("server.py"))
            .arg(port.to_string())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(written)
            .spawn()
            .map_err(|error| error.to_string())?;
        let emulator = Emulator { port, _server: server };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if start.elapsed() > Duration::from_secs(60) {
                return Err(format!("the server does not start: see {}", log().display()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(emulator)
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// An account of its own, with what a cluster finds there.
    pub(crate) fn account(&'static self) -> Account {
        let id = next_id();
        let given = json!({"account": id, "region": REGION, "cluster": CLUSTER});
        let made = self.ask("POST", "account", &given);
        Account { id, emulator: self, made }
    }

    /// An account of its own that holds what an inventory says. The inventory's account is written
    /// as [`ANY`] wherever it stands.
    pub(crate) fn account_with(&'static self, region: &str, inventory: &str) -> Account {
        let id = next_id();
        let inventory = inventory.replace(ANY, &id);
        let given = json!({"account": id, "region": region, "inventory": inventory});
        let made = self.ask("POST", "account", &given);
        Account { id, emulator: self, made }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let exchange = || -> io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            let body = body.to_string();
            write!(
                stream,
                "{method} /moto-api/emulator/{path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: \
                 application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer = exchange().unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{body}: see {}", log().display());
        serde_json::from_str(body).unwrap()
    }
}

/// An account of one test.
pub(crate) struct Account {
    /// Twelve digits.
    pub(crate) id: String,
    emulator: &'static Emulator,
    /// What was made for the test.
    pub(crate) made: Value,
}

impl Account {
    /// Its access key.
    pub(crate) fn key(&self) -> String {
        format!("AKIA{}TEST", self.id)
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.emulator.url()
    }

    /// Gives a command this account's credentials, and none else.
    pub(crate) fn lend<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("AWS_ENDPOINT_URL", self.emulator.url())
            .env("AWS_ACCESS_KEY_ID", self.key())
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_REGION", REGION)
    }

    /// All calls since the account was made, as `service:Action`, questions as well.
    pub(crate) fn calls(&self) -> Vec<String> {
        let all = self.emulator.ask("GET", &format!("calls?account={}", self.id), &Value::Null);
        let all = all.as_array().unwrap().iter();
        all.map(|it| {
            format!("{}:{}", it["service"].as_str().unwrap(), it["action"].as_str().unwrap())
        })
        .collect()
    }

    /// Those that may change something, questions left out.
    pub(crate) fn changes(&self) -> Vec<String> {
        let asks = |call: &String| {
            let action = call.rsplit(':').next().unwrap_or_default();
            ["Describe", "Get", "List", "GET", "HEAD"].iter().any(|it| action.starts_with(it))
        };
        self.calls().into_iter().filter(|call| !asks(call)).collect()
    }

    /// A call by somebody else, as boto3 names it.
    pub(crate) fn call(&self, service: &str, method: &str, params: Value) -> Value {
        self.call_in(REGION, service, method, params)
    }

    /// The same in another region.
    pub(crate) fn call_in(
        &self,
        region: &str,
        service: &str,
        method: &str,
        params: Value,
    ) -> Value {
        let given = json!({
            "account": self.id, "region": region,
            "service": service, "method": method, "params": params,
        });
        self.emulator.ask("POST", "call", &given)
    }

    /// Makes calls fail. Fields: `action` (or `*`), `changes` for those that change something only,
    /// `skip` and `times`, then `code` and `status` (without them the answer says nothing), `after`,
    /// with which the call takes effect and only its answer is lost, and `hold`, with which it is
    /// answered well after so many seconds.
    pub(crate) fn fail(&self, mut fault: Value) {
        fault["account"] = json!(self.id);
        self.emulator.ask("POST", "faults", &fault);
    }

    /// Forgets all faults.
    pub(crate) fn heal(&self) {
        self.emulator.ask("DELETE", &format!("faults?account={}", self.id), &Value::Null);
    }
}

/// Below `target/`, where it outlives builds.
fn home() -> PathBuf {
    repository().join("target/emulator")
}

fn log() -> PathBuf {
    home().join(format!("server-{}.log", std::process::id()))
}

/// The Python of a virtual environment that has what the server needs. The first process makes it
/// while others wait.
fn python() -> Result<PathBuf, String> {
    let requirements = folder().join("requirements.txt");
    let wanted = fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
    let (home, venv) = (home(), home().join("venv"));
    let (python, mark) = (venv.join("bin/python"), venv.join("requirements.txt"));
    let make = || -> Result<(), String> {
        let run = |command: &mut Command| match command.output() {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        };
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        run(Command::new(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(&requirements))?;
        fs::write(&mark, &wanted).map_err(|error| error.to_string())
    };
    fs::create_dir_all(&home).map_err(|error| error.to_string())?;
    let lock = File::create(home.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if fs::read_to_string(&mark).ok().as_ref() != Some(&wanted) {
        make()?;
    }
    Ok(python)
}
