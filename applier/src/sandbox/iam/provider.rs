//! Issuers of tokens.

use super::super::cloud::{Answer, Cloud, Texts, read, refuse};
use super::super::tag::{Tag, listed};
use super::{checked, no_such_entity};
use crate::account::CallError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in super::super) struct Provider {
    /// Without `https://`.
    url: String,
    client_ids: BTreeSet<String>,
    thumbprints: Vec<String>,
    #[serde(default)]
    pub(super) tags: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ClientID")]
    client_id: Option<String>,
    #[serde(rename = "ThumbprintList")]
    thumbprints: Option<Vec<String>>,
}

impl Cloud {
    pub(super) fn create_provider(&mut self, params: &Value) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Asked {
            url: String,
            #[serde(rename = "ClientIDList", default)]
            client_ids: BTreeSet<String>,
            #[serde(default)]
            thumbprint_list: Vec<String>,
            #[serde(default)]
            tags: Vec<Tag>,
        }
        let asked: Asked = read(params)?;
        let Some(url) = asked.url.strip_prefix("https://").filter(|url| !url.is_empty()) else {
            return refuse("ValidationError", "Invalid Open ID Connect Provider URL");
        };
        let arn = self.iam_arn(&format!("oidc-provider/{url}"));
        if self.iam.providers.contains_key(&arn) {
            return refuse(
                "EntityAlreadyExists",
                format!("Provider with url {} already exists.", asked.url),
            );
        }
        check_thumbprints(&asked.thumbprint_list)?;
        // Who gives none gets that of the authority that AWS sees at the issuer.
        let thumbprints = match asked.thumbprint_list.is_empty() {
            true => vec![self.hex_of(url, 40)],
            false => asked.thumbprint_list,
        };
        let provider = Provider {
            url: url.to_owned(),
            client_ids: asked.client_ids,
            thumbprints,
            tags: checked(asked.tags, &Texts::new())?,
        };
        self.iam.providers.insert(arn.clone(), provider);
        Ok(json!({"OpenIDConnectProviderArn": arn}))
    }

    fn provider_mut(&mut self, arn: &str) -> Result<&mut Provider, CallError> {
        match self.iam.providers.get_mut(arn) {
            Some(provider) => Ok(provider),
            None => no_such_entity(&format!("OpenIDConnect Provider {arn}")),
        }
    }

    pub(super) fn get_provider(&mut self, params: &Value) -> Answer {
        let provider = self.provider_mut(&read::<Named>(params)?.arn)?;
        Ok(json!({
            "Url": provider.url,
            "ClientIDList": provider.client_ids,
            "ThumbprintList": provider.thumbprints,
            "Tags": listed(&provider.tags),
        }))
    }

    pub(super) fn change_client_ids(&mut self, params: &Value, add: bool) -> Answer {
        let asked: Named = read(params)?;
        let provider = self.provider_mut(&asked.arn)?;
        let id = asked.client_id.unwrap_or_default();
        match add {
            true => drop(provider.client_ids.insert(id)),
            false => drop(provider.client_ids.remove(&id)),
        }
        Ok(json!({}))
    }

    pub(super) fn update_thumbprint(&mut self, params: &Value) -> Answer {
        let asked: Named = read(params)?;
        let thumbprints = asked.thumbprints.unwrap_or_default();
        check_thumbprints(&thumbprints)?;
        self.provider_mut(&asked.arn)?.thumbprints = thumbprints;
        Ok(json!({}))
    }

    pub(super) fn delete_provider(&mut self, params: &Value) -> Answer {
        // Deleting what is not there is no error for IAM, nor is it that roles trust it.
        self.iam.providers.remove(&read::<Named>(params)?.arn);
        Ok(json!({}))
    }
}

fn check_thumbprints(thumbprints: &[String]) -> Result<(), CallError> {
    let fits = |text: &String| text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if thumbprints.len() > 5 || !thumbprints.iter().all(fits) {
        return refuse("InvalidInput", "The thumbprint list is not valid");
    }
    Ok(())
}
