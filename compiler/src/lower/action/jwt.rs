//! The check of bearer tokens: `jwt-validation`.

use crate::annotation::{Json, Object, Value};
use crate::diagnostic::Diagnostics;
use crate::diagnostic::code::{limit, rule as code};
use crate::resource::{AdditionalClaim, JwtValidation};
use crate::source::Span;

const FORMATS: &[&str] = &["single-string", "string-array", "space-separated-values"];

/// Reads the annotation.
pub(crate) fn read(value: &Value<'_, '_>) -> (Option<JwtValidation>, Diagnostics) {
    value.json(|json, root| {
        let config =
            json.object(root, "the value", &["jwksEndpoint", "issuer", "additionalClaims"]);
        let jwks_endpoint = config.string(json, "jwksEndpoint");
        let issuer = config.string(json, "issuer");
        if jwks_endpoint.value.is_empty() {
            let example = "\"https://issuer.example.com/.well-known/jwks.json\"";
            missing(json, jwks_endpoint.span, "jwksEndpoint", example);
        }
        if issuer.value.is_empty() {
            missing(json, issuer.span, "issuer", "\"https://issuer.example.com\"");
        }
        let claims = config.list(json, "additionalClaims");
        let additional_claims = claims
            .into_iter()
            .map(|node| {
                let names = ["format", "name", "values"];
                let claim = json.object(node, "an item of `additionalClaims`", &names);
                read_claim(json, &claim)
            })
            .collect();
        JwtValidation {
            additional_claims,
            issuer: issuer.value,
            jwks_endpoint: jwks_endpoint.value,
        }
    })
}

fn read_claim(json: &mut Json<'_, '_, '_>, claim: &Object<'_, '_>) -> AdditionalClaim {
    let format = claim.string(json, "format");
    let name = claim.string(json, "name");
    let values = claim.strings(json, "values");
    if format.value.is_empty() {
        missing(json, format.span, "format", "\"single-string\"");
    } else if !FORMATS.contains(&format.value.as_str()) {
        json.warning(
            format.span,
            &limit::REFUSED_VALUE,
            format!("AWS refuses the format `{}` of a claim", format.value),
            format!("write one of {}", FORMATS.join(", ")),
        );
    }
    if name.value.is_empty() {
        missing(json, name.span, "name", "\"scope\"");
    }
    if values.is_empty() {
        missing(json, claim.span, "values", "[\"read\"]");
    }
    AdditionalClaim {
        format: format.value,
        name: name.value,
        values: values.into_iter().map(|value| value.value).collect(),
    }
}

fn missing(json: &mut Json<'_, '_, '_>, span: Span, field: &str, example: &str) {
    let message = format!("`{field}` of `{}` is missing", json.name());
    json.error(span, &code::BAD_JWT, message, format!("add \"{field}\":{example}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{auth, testing};

    #[test]
    fn every_mistake_is_found_where_it_stands() {
        let check = |text, expected: &[&str]| {
            let (_, findings) = testing::read(&auth::JWT_VALIDATION, text, read);
            assert_eq!(findings, expected, "{text}");
        };
        check(
            "https://id.example.org",
            &[
                "ING0008 1: `jwt-validation` is not valid JSON: `h` stands where a value is expected",
            ],
        );
        check(
            r#"{"jwksEndpoint":"https://a","additionalClaims":[{"format":"csv","values":[]}]}"#,
            &[
                "ING0712 1: `issuer` of `jwt-validation` is missing",
                "ING0904 59: AWS refuses the format `csv` of a claim",
                "ING0712 49: `name` of `jwt-validation` is missing",
                "ING0712 49: `values` of `jwt-validation` is missing",
            ],
        );
    }
}
