//! Client certificates per port: the annotation `mutual-authentication`.

use super::Cx;
use crate::annotation::tls::MUTUAL_AUTHENTICATION;
use crate::diagnostic::code::load_balancer as code;
use crate::diagnostic::nearest;
use crate::group::Member;
use crate::inventory::TrustStore;
use crate::resource::MutualAuthentication;
use crate::source::Spanned;
use crate::yaml::NodeKind;
use std::collections::BTreeMap;

const FIELDS: &[&str] =
    &["port", "mode", "trustStore", "ignoreClientCertificateExpiry", "advertiseTrustStoreCaNames"];
const MODES: [&str; 3] = ["off", "passthrough", "verify"];

/// What a member says per port; mistakes are reported.
pub(super) fn lower(
    cx: &mut Cx<'_, '_>,
    member: &Member<'_, '_>,
) -> BTreeMap<i32, MutualAuthentication> {
    let Some(value) = MUTUAL_AUTHENTICATION.on_ingress(member.ingress) else {
        return BTreeMap::new();
    };
    let stores = &cx.inventory.trust_stores;
    let (ports, findings) = value.json(|json, root| {
        let mut ports: BTreeMap<i32, (MutualAuthentication, Option<Spanned<String>>)> =
            BTreeMap::new();
        let code = &code::BAD_MUTUAL_AUTHENTICATION;
        let entries = json.list(root, "the value");
        if entries.is_empty() && matches!(root.kind(), NodeKind::Sequence | NodeKind::Null) {
            let hint = format!("write '{}'", value.annotation.example);
            json.error(root.span(), code, "`mutual-authentication` names no port", hint);
        }
        for entry in entries {
            let object = json.object(entry, "an entry", FIELDS);
            let port = object.int32(json, "port");
            if !port.is_some_and(|port| (1..=65535).contains(&port.value)) {
                let (message, span) = match port {
                    Some(port) => (format!("{} is not a port", port.value), port.span),
                    None => ("an entry has no `port`".to_owned(), object.span),
                };
                json.error(span, code, message, "write \"port\": 443");
            }
            let mode = object.string(json, "mode");
            if !MODES.contains(&mode.value.as_str()) {
                let message = match mode.value.as_str() {
                    "" => "an entry has no `mode`".to_owned(),
                    other => format!("`{other}` is not a mode of client certificates"),
                };
                let hint = match nearest(&mode.value, MODES) {
                    Some(near) => format!("write \"mode\": \"{near}\""),
                    None => format!("write one of \"{}\"", MODES.join("\", \"")),
                };
                json.error(mode.span, code, message, hint);
            }
            let verify = mode.value == "verify";
            let store = object.optional_string(json, "trustStore").filter(|s| !s.value.is_empty());
            let ignore_expiry = object.boolean(json, "ignoreClientCertificateExpiry");
            let advertise = object.optional_string(json, "advertiseTrustStoreCaNames");
            if verify && store.is_none() {
                let hint = "write \"trustStore\": with a name or an ARN";
                json.error(object.span, code, "the mode `verify` needs a trust store", hint);
            }
            if !verify && MODES.contains(&mode.value.as_str()) {
                let extra = [
                    ("trustStore", store.as_ref().map(|store| store.span)),
                    ("ignoreClientCertificateExpiry", ignore_expiry.map(|_| object.span)),
                    ("advertiseTrustStoreCaNames", advertise.as_ref().map(|text| text.span)),
                ];
                for (field, span) in extra {
                    if let Some(span) = span {
                        let message = format!("`{field}` goes with the mode `verify` only");
                        json.error(span, code, message, format!("remove `{field}`"));
                    }
                }
            }
            if let Some(text) =
                advertise.as_ref().filter(|text| verify && !["on", "off"].contains(&&*text.value))
            {
                let message = format!(
                    "`{}` of `advertiseTrustStoreCaNames` is neither on nor off",
                    text.value
                );
                json.error(text.span, code, message, "write \"on\" or \"off\"");
            }
            let said = MutualAuthentication {
                mode: mode.value,
                trust_store_arn: Some(
                    store.as_ref().map(|store| store.value.clone()).unwrap_or_default(),
                ),
                ignore_client_certificate_expiry: ignore_expiry.or(verify.then_some(false)),
                advertise_trust_store_ca_names: advertise.map(|text| text.value),
            };
            ports.extend(port.map(|port| (port.value, (said, store))));
        }
        // A port given twice keeps its later entry, so the stores of earlier ones do not matter.
        for (said, store) in ports.values_mut() {
            let Some(store) = store.as_ref().filter(|_| said.mode == "verify") else { continue };
            if store.value.starts_with("arn:") {
                continue;
            }
            let found = stores.iter().find(|known| known.name == store.value);
            if found.is_none() {
                let message = format!("the trust store `{}` is not in the inventory", store.value);
                json.error(store.span, code, message, trust_store_hint(stores, &store.value));
            }
            said.trust_store_arn = found.map(|found| found.arn.clone());
        }
        ports.into_iter().map(|(port, (said, _))| (port, said)).collect()
    });
    cx.report_all(findings);
    ports.unwrap_or_default()
}

fn trust_store_hint(stores: &[TrustStore], name: &str) -> String {
    match nearest(name, stores.iter().map(|store| store.name.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a trust store of the inventory, or give its ARN".to_owned(),
    }
}
