//! Findings as other programs read them: SARIF, GitHub's annotations, GitLab's code quality.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const MANIFEST: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/scheme: \"\u{e4}\u{1f6d2}\" # two characters
    alb.ingress.kubernetes.io/schema: internal
spec:
  ingressClassName: alb
  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ingc"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// Compiles a manifest, and reads the file that the findings went to.
fn findings(manifest: &str, form: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ingc.yaml"), "clusterName: prod\n").unwrap();
    fs::write(folder.path().join("a b.yaml"), manifest).unwrap();
    let output = run(folder.path(), &["compile", "--diagnostics", &format!("{form}=out.json")]);
    assert_eq!(output.status.code(), Some(1));
    serde_json::from_str(&fs::read_to_string(folder.path().join("out.json")).unwrap()).unwrap()
}

#[test]
fn sarif_says_where_each_finding_stands_in_characters() {
    let log = findings(MANIFEST, "sarif");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let results = run["results"].as_array().unwrap();
    let of = |code: &str| results.iter().find(|result| result["ruleId"] == code).unwrap();
    let wrong = of("ING0401");
    assert_eq!(wrong["level"], "error");
    let place = &wrong["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.yaml");
    let region = json!({"startLine": 7, "startColumn": 39, "endLine": 7, "endColumn": 43});
    assert_eq!(place["region"], region);
    let object = &wrong["locations"][0]["logicalLocations"][0]["fullyQualifiedName"];
    assert_eq!(object, "Ingress/shop/web");
    assert!(wrong["message"]["text"].as_str().unwrap().contains("\nhelp: "));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["text"].as_str().unwrap().len() > 20);
    }
    // What stands nowhere is shown at the settings.
    let nowhere = &of("ING1202")["locations"][0]["physicalLocation"];
    assert_eq!(nowhere["artifactLocation"]["uri"], "ingc.yaml");
    assert_eq!(nowhere["region"]["startLine"], 1);
}

#[test]
fn findings_are_known_again_when_lines_move_and_told_apart() {
    let prints = |manifest: &str| -> Vec<String> {
        let log = findings(manifest, "sarif");
        let results = log["runs"][0]["results"].as_array().unwrap();
        let print = |result: &Value| result["partialFingerprints"]["ingcFinding/v1"].to_string();
        results.iter().map(print).collect()
    };
    let before = prints(MANIFEST);
    assert_eq!(before, prints(&format!("# moved\n\n{MANIFEST}")));
    let distinct: std::collections::BTreeSet<_> = before.iter().collect();
    assert!(distinct.len() == before.len() && before.len() > 2);
}

#[test]
fn gitlab_gets_a_list_of_issues() {
    let issues = findings(MANIFEST, "gitlab");
    let issue = issues.as_array().unwrap().iter().find(|it| it["check_name"] == "ING0401").unwrap();
    assert_eq!(issue["location"], json!({"path": "a b.yaml", "lines": {"begin": 7}}));
    assert_eq!(issue["severity"], "critical");
    assert_eq!(issue["fingerprint"].as_str().unwrap().len(), 32);
}

#[test]
fn github_gets_a_line_for_each_finding() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ingc.yaml"), "clusterName: prod\n").unwrap();
    fs::write(folder.path().join("a,b.yaml"), MANIFEST).unwrap();
    let output = run(folder.path(), &["plan", "--diagnostics", "github"]);
    let error = String::from_utf8(output.stderr).unwrap();
    let line = error.lines().find(|line| line.contains("title=ING0401")).unwrap();
    let place = "::error file=a%2Cb.yaml,line=7,endLine=7,col=39,endColumn=43,title=ING0401%3A ";
    assert!(line.starts_with(place), "{line}");
    assert!(line.contains("%0Ahelp: "), "{line}");
    assert!(error.lines().any(|line| line.starts_with("::warning file=ingc.yaml,line=1,")));
}

#[test]
fn what_cannot_be_told_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/eks-workshop");
    let example = example.to_str().unwrap();
    let output = run(folder.path(), &["compile", example, "--diagnostics", "sarif=no/such/folder"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("cannot write `no/such/folder`"), "{error}");
    let output = run(folder.path(), &["compile", example, "--diagnostics", "checkstyle=x"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("`checkstyle` is none of sarif, github, gitlab"), "{error}");
}
