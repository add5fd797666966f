//! Annotations that name a backend which the Ingress does not have.

use crate::annotation::{Annotation, routing};
use crate::diagnostic::code::rule as code;
use crate::diagnostic::nearest;
use crate::group::Member;
use crate::lower::Cx;
use crate::manifest::{ServiceBackend, ServicePortRef};

/// Warns of `actions.`, `conditions.` and `transforms.` that nothing reads.
pub(crate) fn check<'a, 's>(cx: &mut Cx<'a, 's>, member: &Member<'a, 's>) {
    let families: [&'static Annotation; 3] =
        [&routing::ACTIONS, &routing::CONDITIONS, &routing::TRANSFORMS];
    for row in families {
        for value in row.members_on_ingress(member.ingress) {
            let name = &value.name[row.name.len()..];
            let mut named = services(member).filter(|service| service.name.as_str() == name);
            let is_action = std::ptr::eq(row, &routing::ACTIONS);
            let hint = match named.next() {
                Some(first) if is_action => {
                    let mut all = named.chain([first]);
                    if all.any(uses_annotation) {
                        continue;
                    }
                    format!("write `port: {{name: use-annotation}}` in the backend `{name}`")
                }
                Some(_) => continue,
                None => {
                    let known = services(member).map(|service| service.name.as_str());
                    match nearest(name, known) {
                        Some(near) => format!("did you mean `{}{near}`?", row.name),
                        None => format!("remove it, or write a backend with the name `{name}`"),
                    }
                }
            };
            let message =
                format!("`{}` has no effect: no backend of the Ingress reads it", value.name);
            let finding = value.warning_in(value.text.span, &code::UNUSED_ANNOTATION, message);
            cx.report(finding.hint(hint));
        }
    }
}

fn uses_annotation(service: &ServiceBackend<'_>) -> bool {
    matches!(&service.port, ServicePortRef::Name(name) if name.as_str() == "use-annotation")
}

/// All Services that the backends of an Ingress name.
fn services<'m, 's>(member: &'m Member<'_, 's>) -> impl Iterator<Item = &'m ServiceBackend<'s>> {
    let ingress = member.ingress;
    let paths = ingress.rules.iter().flat_map(|rule| rule.paths.iter().flatten());
    let backends = paths.map(|path| &path.backend).chain(&ingress.default_backend);
    backends.filter_map(|backend| backend.service.as_ref())
}
