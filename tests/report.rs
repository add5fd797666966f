//! `ingc report`: a page that stands alone. In a browser it is looked at by
//! `cargo test --test report -- --ignored`, which needs Chromium.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A plan that changes, moves and deletes.
struct Page {
    folder: tempfile::TempDir,
}

impl Page {
    fn new() -> Page {
        let page = Page { folder: tempfile::tempdir().unwrap() };
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shared-alb");
        for name in [
            "ingc.yaml",
            "inventory.yaml",
            "platform/class.yaml",
            "shop/shop.yaml",
            "search/search.yaml",
            "accounts/accounts.yaml",
        ] {
            let path = page.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::copy(example.join(name), path).unwrap();
        }
        page
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) {
        let output = Command::new(env!("CARGO_BIN_EXE_ingc"))
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The page of what `change` does to the applied example.
    fn of(&self, change: impl Fn(&str) -> String) -> String {
        let sandbox = ["--sandbox", "account.json", "--state", "state.json"];
        self.run(&[&["apply", "--auto-approve"], &sandbox[..]].concat());
        let shop = fs::read_to_string(self.path("shop/shop.yaml")).unwrap();
        fs::write(self.path("shop/shop.yaml"), change(&shop)).unwrap();
        fs::remove_dir_all(self.path("search")).unwrap();
        self.run(&[&["plan", "--out", "plan.json"], &sandbox[..]].concat());
        self.run(&["report", "plan.json", "--html", "page.html"]);
        fs::read_to_string(self.path("page.html")).unwrap()
    }
}

fn changed(shop: &str) -> String {
    shop.replace("healthcheck-path: /healthz", "healthcheck-path: /<b>alive")
}

#[test]
fn a_page_stands_alone_and_tells_the_plan() {
    let page = Page::new().of(changed);
    for text in ["Plan for orchard", "account sandbox:", "shop.yaml:10:", "search.orchard.example"]
    {
        assert!(page.contains(text), "{text}");
    }
    for outside in ["http://", "src=", "@import", "url(", "<link"] {
        let found = page.match_indices(outside).map(|(at, _)| &page[at..(at + 60).min(page.len())]);
        // What a manifest says is text.
        let found: Vec<_> = found.filter(|text| !text.contains("#{host}")).collect();
        assert!(found.is_empty(), "{found:?}");
    }
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("/&lt;b&gt;alive") && !page.contains("<b>alive"));
    assert!(!page.contains('\u{1b}'), "colours of a terminal");
}

#[test]
fn a_page_tells_which_requests_are_answered_otherwise() {
    let page = Page::new().of(|shop| shop.replace("path: /cart", "path: /basket"));
    let routing =
        page.split("<h2>Routing</h2>").nth(1).unwrap().split("</section>").next().unwrap();
    for text in ["orchard.example{", "basket", "class=\"route ", "edge, HTTPS 443"] {
        assert!(routing.contains(text), "{text} is not in {routing}");
    }
    let page = Page::new().of(changed);
    assert!(page.contains("<h2>Routing</h2>"));
}

#[test]
fn every_resource_of_the_drawing_leads_to_its_change() {
    let page = Page::new().of(changed);
    assert!(page.contains("<svg ") && page.contains("class=\"node no-op\""));
    let links: Vec<&str> =
        page.split("<a href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(links.len() > 3);
    for link in &links {
        assert!(page.contains(&format!("id=\"{link}\" data-action=")), "{link}");
    }
    let distinct: std::collections::BTreeSet<_> = links.iter().collect();
    assert_eq!(distinct.len(), links.len());
}

/// Chromium without a screen, and without the network.
fn chromium(arguments: &[&str], page: &Path) -> Vec<u8> {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-quic"])
        .args(["--hide-scrollbars", "--window-size=1400,1500"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
#[ignore = "needs Chromium: cargo test --test report -- --ignored"]
fn a_browser_searches_the_page_and_draws_it() {
    let folder = Page::new();
    let page = folder.of(changed);
    // The browser searches as somebody at a keyboard would, and writes down what it then shows.
    let search = |words: &str| {
        let script = format!(
            "<script>addEventListener('load', () => {{ const box = document.getElementById('search'); box.value = '{words}'; box.dispatchEvent(new Event('input')); const shown = [...document.querySelectorAll('details.change:not([hidden])')]; document.title = 'shown ' + shown.map((it) => it.querySelector('.id').textContent).join(' ') + '; dim ' + document.querySelectorAll('svg .dim').length + '; nothing ' + !document.getElementById('nothing').hidden; }});</script></body>"
        );
        let path = folder.path("search.html");
        fs::write(&path, page.replace("</body>", &script)).unwrap();
        let html = String::from_utf8(chromium(&["--dump-dom"], &path)).unwrap();
        let title = html.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        title.to_owned()
    };
    let found = search("alive health");
    assert!(found.starts_with("shown shop/storefront-storefront:http; dim "), "{found}");
    assert!(!found.contains("dim 0") && found.ends_with("nothing false"), "{found}");
    assert_eq!(search("no such thing").split("; ").last(), Some("nothing true"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, mode) in
        [("report-light.png", "--disable-features=x"), ("report-dark.png", "--force-dark-mode")]
    {
        let picture = target.join(name);
        let shot = format!("--screenshot={}", picture.display());
        chromium(&[&shot, mode], &folder.path("page.html"));
        let bytes = fs::read(&picture).unwrap();
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 50_000, "{}", picture.display());
    }
}
