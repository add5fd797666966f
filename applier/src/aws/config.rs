//! Credentials, region and endpoints, as every user of an AWS SDK knows them.

use super::http;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::ServiceConfigKey;

/// How often a question is asked before it counts as unanswered.
const ATTEMPTS: u32 = 8;

/// What stands in a profile that has credentials.
const CREDENTIALS: [&str; 7] = [
    "aws_access_key_id",
    "role_arn",
    "sso_session",
    "sso_start_url",
    "credential_process",
    "web_identity_token_file",
    "credential_source",
];

/// True if somebody has said whose credentials to use: in the environment, in a profile, by a web
/// identity or a container. An instance's own metadata is nothing that anybody has said.
pub async fn are_credentials_configured() -> bool {
    let named = [
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    if named.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
        return true;
    }
    let (fs, env, files) = (Fs::real(), Env::real(), EnvConfigFiles::default());
    let Ok(profiles) = aws_config::profile::load(&fs, &env, &files, None).await else {
        // Files that cannot be read are somebody's: the SDK then says what is wrong with them.
        return true;
    };
    let profile = profiles.get_profile("default");
    profile.is_some_and(|profile| CREDENTIALS.iter().any(|key| profile.get(key).is_some()))
}

/// Loads the configuration, for one region if the caller knows it.
///
/// # Errors
/// If AWS cannot be reached from here at all.
pub async fn load(region: &str) -> Result<SdkConfig, String> {
    let needs_tls = !["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"]
        .iter()
        .any(|name| std::env::var(name).is_ok_and(|url| url.starts_with("http://")));
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).http_client(http::client(needs_tls)?);
    if !region.is_empty() {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if std::env::var_os("AWS_MAX_ATTEMPTS").is_none() {
        // Not the adaptive mode: it waits for many seconds after the first throttling.
        loader = loader.retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    }
    let config = loader.load().await;
    if config.region().is_none() {
        return Err("no region is known".to_owned());
    }
    Ok(config)
}

/// Where a service is asked that has no client of its own here, and the region that requests are
/// signed for.
pub(super) fn endpoint(config: &SdkConfig, service: &Endpoint) -> (String, String) {
    let region = config.region().map(Region::as_ref).unwrap_or_default();
    let signed = if service.is_global { service.home(region) } else { region };
    let key = ServiceConfigKey::builder()
        .service_id(service.id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = key.ok().and_then(|key| config.service_config()?.load_config(key));
    let url = own.or_else(|| config.endpoint_url().map(str::to_owned)).unwrap_or_else(|| {
        if service.id == "IAM" {
            return iam(region, config.use_fips() == Some(true));
        }
        let fips = if config.use_fips() == Some(true) { "-fips" } else { "" };
        let dual = config.use_dual_stack() == Some(true);
        format!("https://{}{fips}.{signed}.{}", service.host, suffix(region, dual))
    });
    (url, signed.to_owned())
}

/// How a service is reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    /// AWS's id of it, by which settings name it.
    pub(super) id: &'static str,
    /// The first part of its host name, and what requests are signed for.
    pub(super) host: &'static str,
    /// It is in one region only.
    pub(super) is_global: bool,
}

impl Endpoint {
    /// Where a global service is at home, seen from a region.
    fn home(self, region: &str) -> &'static str {
        let homes = [
            ("us-gov-", "us-gov-west-1"),
            ("cn-", "cn-north-1"),
            ("us-iso-", "us-iso-east-1"),
            ("us-isob-", "us-isob-east-1"),
            ("us-isof-", "us-isof-south-1"),
            ("eu-isoe-", "eu-isoe-west-1"),
            ("eusc-", "eusc-de-east-1"),
        ];
        let found = homes.iter().find(|(start, _)| region.starts_with(start));
        found.map_or("us-east-1", |(_, home)| home)
    }
}

/// IAM's hosts have no region, but in partitions that have one in all of them.
fn iam(region: &str, fips: bool) -> String {
    let fips = if fips { "-fips" } else { "" };
    match region {
        _ if region.starts_with("us-gov-") => "https://iam.us-gov.amazonaws.com".to_owned(),
        _ if region.starts_with("cn-") => "https://iam.cn-north-1.amazonaws.com.cn".to_owned(),
        _ if region.starts_with("eusc-") => "https://iam.eusc-de-east-1.amazonaws.eu".to_owned(),
        _ => format!("https://iam{fips}.{}", suffix(region, false)),
    }
}

/// The domain of a region's partition.
fn suffix(region: &str, dual: bool) -> &'static str {
    let partitions = [
        ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
        ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
        ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
        ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ];
    let found = partitions.iter().find(|(start, ..)| region.starts_with(start));
    let (_, one, two) = found.unwrap_or(&("", "amazonaws.com", "api.aws"));
    if dual { two } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_in_every_partition() {
        let ec2 = Endpoint { id: "EC2", host: "ec2", is_global: false };
        let iam = Endpoint { id: "IAM", host: "iam", is_global: true };
        let shield = Endpoint { id: "Shield", host: "shield", is_global: true };
        for (service, region, fips, url, signed) in [
            (ec2, "eu-central-1", false, "https://ec2.eu-central-1.amazonaws.com", "eu-central-1"),
            (ec2, "us-east-1", true, "https://ec2-fips.us-east-1.amazonaws.com", "us-east-1"),
            (ec2, "cn-north-1", false, "https://ec2.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            (iam, "eu-west-1", false, "https://iam.amazonaws.com", "us-east-1"),
            (iam, "cn-northwest-1", false, "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            (shield, "eu-west-1", false, "https://shield.us-east-1.amazonaws.com", "us-east-1"),
        ] {
            let config = SdkConfig::builder().region(Region::new(region)).use_fips(fips).build();
            assert_eq!(endpoint(&config, &service), (url.to_owned(), signed.to_owned()));
        }
    }

    #[test]
    fn an_endpoint_that_somebody_has_set_is_used() {
        let config = SdkConfig::builder()
            .region(Region::new("eu-west-1"))
            .endpoint_url("http://127.0.0.1:5000")
            .build();
        let ec2 = Endpoint { id: "EC2", host: "ec2", is_global: false };
        assert_eq!(endpoint(&config, &ec2).0, "http://127.0.0.1:5000");
    }
}
