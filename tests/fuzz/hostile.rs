//! Inputs that are made to hurt, given to the real program under limits of memory and time.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Kilobytes of address space that a run may have.
const MEMORY: usize = 3_000_000;
/// Bytes that a run may print.
const PRINTED: usize = 1_000_000;

fn ingress(annotations: &str, path: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: x\n  annotations:\n{annotations}spec:\n  ingressClassName: alb\n  rules: [{{http: {{paths: [{{path: {path}, pathType: Prefix, backend: {{service: {{name: x, port: {{number: 80}}}}}}}}]}}}}]\n"
    )
}

/// An annotation that stands where values are read as lists, maps, JSON and numbers.
fn annotated(value: &str) -> Vec<u8> {
    let names =
        ["actions.x", "listen-ports", "tags", "inbound-cidrs", "group.order", "auth-idp-oidc"];
    let lines: String = names
        .iter()
        .map(|name| format!("    alb.ingress.kubernetes.io/{name}: {value}\n"))
        .collect();
    ingress(&lines, "/").into_bytes()
}

/// The class and the Service that make an Ingress one that is built.
const SERVED: &str = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: alb}\nspec: {controller: ingress.k8s.aws/alb}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}\n---\n";

/// An Ingress with many paths.
fn paths(count: usize) -> String {
    let path = |i: usize| {
        format!(
            "      - {{path: /p{i}, pathType: Prefix, backend: {{service: {{name: x, port: {{number: 80}}}}}}}}\n"
        )
    };
    let paths: String = (0..count).map(path).collect();
    format!(
        "{SERVED}apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: x}}\nspec:\n  ingressClassName: alb\n  rules:\n  - host: a.example.com\n    http:\n      paths:\n{paths}"
    )
}

/// Name and text.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
    }
    let quoted = |text: String| annotated(&format!("'{text}'"));
    let megabyte = "x".repeat(1_000_000);
    let bad = ingress("    alb.ingress.kubernetes.io/schem: internal\n", "/") + "---\n";
    vec![
        ("an alias bomb", bomb.clone().into_bytes()),
        ("an alias bomb in an Ingress", ingress(&format!("    x: y\n{bomb}"), "/").into_bytes()),
        ("deep sequences", "[".repeat(500_000).into_bytes()),
        ("deep mappings", "{a: ".repeat(200_000).into_bytes()),
        ("deep blocks", "- ".repeat(200_000).into_bytes()),
        ("deep JSON in annotations", quoted("[".repeat(200_000))),
        ("deep objects in annotations", quoted("{\"a\":".repeat(200_000))),
        ("a megabyte in annotations", quoted(megabyte.clone())),
        ("a megabyte of commas", quoted(",".repeat(1_000_000))),
        ("a megabyte of pairs", quoted("a=b,".repeat(250_000))),
        ("a megabyte of digits", quoted("9".repeat(1_000_000))),
        ("a megabyte of JSON", quoted(format!("[{}1]", "1,".repeat(500_000)))),
        ("a path of a megabyte", ingress("    a: b\n", &format!("/{megabyte}")).into_bytes()),
        (
            "a path of stars",
            ingress("    a: b\n", &format!("\"/{}\"", "*".repeat(100_000))).into_bytes(),
        ),
        (
            "an unknown key of a megabyte",
            ingress(&format!("    alb.ingress.kubernetes.io/{megabyte}: a\n"), "/").into_bytes(),
        ),
        ("one line of ten megabytes", format!("a: {}", "b ".repeat(5_000_000)).into_bytes()),
        (
            "an error at the end of a long line",
            format!("a: [{}", "b, ".repeat(500_000)).into_bytes(),
        ),
        ("not UTF-8", b"a: \xff\xfe\n".to_vec()),
        ("UTF-16", "a: b\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("NUL", b"a: \"\0\"\nb: \0\n".to_vec()),
        ("a byte order mark in the middle", "a: b\n---\n\u{feff}c: d\n".as_bytes().to_vec()),
        ("twenty thousand documents", bad.repeat(20_000).into_bytes()),
        ("a hundred thousand findings", "---\nkind: Ingress\n".repeat(100_000).into_bytes()),
        ("a million empty documents", "---\n".repeat(1_000_000).into_bytes()),
        ("thirty thousand paths of a host", paths(30_000).into_bytes()),
        (
            "thirty thousand sources",
            (SERVED.to_owned()
                + &ingress(
                    &format!(
                        "    alb.ingress.kubernetes.io/inbound-cidrs: '{}'\n",
                        (0..30_000)
                            .map(|i| format!("10.{}.{}.0/24,", i / 256, i % 256))
                            .collect::<String>()
                    ),
                    "/",
                ))
                .into_bytes(),
        ),
        (
            "a hundred thousand anchors",
            (0..100_000).map(|i| format!("- &a{i} b\n")).collect::<String>().into_bytes(),
        ),
    ]
}

#[test]
fn hostile_inputs_cost_little_and_say_little() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["ingc.yaml", "inventory.yaml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/eks-workshop").join(file);
        fs::copy(from, folder.path().join(file)).unwrap();
    }
    let mut wrong = Vec::new();
    for (name, text) in hostile() {
        fs::write(folder.path().join("m.yaml"), &text).unwrap();
        let started = Instant::now();
        let script = format!(
            "ulimit -v {MEMORY}; exec '{}' compile m.yaml --config ingc.yaml",
            env!("CARGO_BIN_EXE_ingc")
        );
        let done =
            Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        let (took, said) = (started.elapsed(), String::from_utf8_lossy(&done.stderr).into_owned());
        let printed = done.stdout.len() + done.stderr.len();
        let start: String = said.chars().take(300).collect();
        if !matches!(done.status.code(), Some(0 | 1)) || said.contains("panicked") {
            wrong.push(format!("{name}: ends with {:?}: {start}", done.status));
        }
        if printed > PRINTED {
            wrong.push(format!("{name}: prints {printed} bytes: {start}"));
        }
        // Debug builds on busy machines are slow; what grows with the square of its input is slower.
        if took > Duration::from_secs(60) {
            wrong.push(format!("{name}: takes {took:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
