//! IAM, which has AWS's own names, and lists of `member`s.

use super::Dialect;
use crate::aws::config::Endpoint;

pub(super) static IAM: Dialect = Dialect {
    endpoint: Endpoint { id: "IAM", host: "iam", is_global: true },
    version: "2010-05-08",
    list_item: ".member",
    sent_as: &[],
    read_as: &[],
    lists: &[
        "AttachedPolicies",
        "ClientIDList",
        "EvaluationResults",
        "PolicyNames",
        "Roles",
        "Tags",
        "ThumbprintList",
        "Versions",
    ],
    numbers: &["AttachmentCount"],
    truths: &["IsDefaultVersion", "IsTruncated"],
};
