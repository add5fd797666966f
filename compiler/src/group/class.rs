//! Which class an Ingress is of, and whether that class is ours.

use super::selector;
use crate::diagnostic::code::group as code;
use crate::diagnostic::code::manifest::REFUSED_CLASS;
use crate::diagnostic::{Diagnostic, Diagnostics, Related, nearest};
use crate::inventory::Inventory;
pub(super) use crate::manifest::CLASS_ANNOTATION;
use crate::manifest::{Ingress, IngressClass, IngressClassParams, Manifests, NamespacedName};
use crate::settings::Settings;
use std::collections::BTreeMap;

/// The controller's value of `spec.controller`.
pub(super) const CONTROLLER: &str = "ingress.k8s.aws/alb";
const DEFAULT_CLASS_ANNOTATION: &str = "ingressclass.kubernetes.io/is-default-class";
const PARAMETERS_GROUP: &str = "elbv2.k8s.aws";
const PARAMETERS_KIND: &str = "IngressClassParams";

/// Whether a class is that of Ingresses which name none.
pub(super) fn is_default(class: &IngressClass<'_>) -> bool {
    let said = class.metadata.annotations.get(DEFAULT_CLASS_ANNOTATION);
    said.is_some_and(|said| said.as_str() == "true")
}

/// Whether an Ingress leaves it to the default class whose it is.
pub(super) fn names_no_class(ingress: &Ingress<'_>) -> bool {
    ingress.class_name.is_none() && ingress.metadata.annotations.get(CLASS_ANNOTATION).is_none()
}

/// What the class of an Ingress comes to.
pub(super) enum Class<'m, 's> {
    /// Ours, by a class with or without parameters.
    Ours(Option<&'m IngressClassParams<'s>>),
    /// Ours, by the annotation `kubernetes.io/ingress.class`.
    OursByAnnotation,
    /// Another controller's, or nobody's.
    Others,
}

/// Looks up classes; made once for all Ingresses.
pub(super) struct Classes<'a, 'm, 's> {
    manifests: &'m Manifests<'s>,
    settings: &'a Settings,
    inventory: &'a Inventory,
    defaults: Vec<&'m IngressClass<'s>>,
}

impl<'a, 'm, 's> Classes<'a, 'm, 's> {
    pub(super) fn new(
        manifests: &'m Manifests<'s>,
        settings: &'a Settings,
        inventory: &'a Inventory,
    ) -> Self {
        let defaults = manifests.ingress_classes.values().filter(|class| is_default(class));
        let defaults = defaults.collect();
        Classes { manifests, settings, inventory, defaults }
    }

    /// Whether there may be IngressClasses that could not be read.
    fn unread(&self) -> bool {
        self.manifests.unread || self.manifests.refused.contains_key("IngressClass")
    }

    /// The finding about an Ingress that would take the default class while there are two.
    pub(super) fn torn(&self, ingress: &Ingress<'_>) -> Option<Diagnostic> {
        match self.defaults.as_slice() {
            [first, second, ..] if names_no_class(ingress) => Some(torn(ingress, first, second)),
            _ => None,
        }
    }

    /// What the class of an Ingress comes to, or why that cannot be told.
    pub(super) fn of(&self, ingress: &Ingress<'s>) -> Result<Class<'m, 's>, Diagnostics> {
        if let Some(value) = ingress.metadata.annotations.get(CLASS_ANNOTATION) {
            let ours = match self.settings.ingress_class.as_str() {
                "" => "alb",
                class => class,
            };
            return Ok(if value.as_str() == ours {
                Class::OursByAnnotation
            } else {
                Class::Others
            });
        }
        let class = match (&ingress.class_name, self.defaults.as_slice()) {
            (Some(name), _) => match self.manifests.ingress_classes.get(name.as_str()) {
                Some(class) => class,
                None => return Err(self.unknown_class(ingress, name).into()),
            },
            // The default class may be one that could not be read.
            (None, []) if self.unread() => return Err(Diagnostics::new()),
            (None, []) => return Ok(Class::Others),
            (None, [class]) => class,
            (None, [first, second, ..]) => return Err(torn(ingress, first, second).into()),
        };
        let controller = class.controller.as_str();
        let own = self.settings.controller.as_deref();
        if controller != CONTROLLER && own != Some(controller) {
            return Ok(Class::Others);
        }
        self.parameters(ingress, class).map(Class::Ours)
    }

    fn parameters(
        &self,
        ingress: &Ingress<'s>,
        class: &'m IngressClass<'s>,
    ) -> Result<Option<&'m IngressClassParams<'s>>, Diagnostics> {
        let Some(parameters) = &class.parameters else { return Ok(None) };
        let name = &class.metadata.name.name;
        let group = parameters.api_group.as_ref().map_or("", |text| text.as_str());
        if group != PARAMETERS_GROUP || parameters.kind.as_str() != PARAMETERS_KIND {
            let message = format!(
                "IngressClass `{name}` has parameters of the kind `{}/{}`, which the controller does not know",
                group,
                parameters.kind.as_str()
            );
            let hint = format!("write apiGroup: {PARAMETERS_GROUP} and kind: {PARAMETERS_KIND}");
            let at = match group == PARAMETERS_GROUP {
                true => parameters.kind.span,
                false => parameters.api_group.as_ref().unwrap_or(&parameters.kind).span,
            };
            return Err(self.refuse(ingress, &code::UNKNOWN_PARAMETERS, message, hint, class, at));
        }
        let wanted = parameters.name.as_str();
        let Some(found) = self.manifests.ingress_class_params.get(wanted) else {
            let known = self.manifests.ingress_class_params.keys().map(String::as_str);
            let message = format!(
                "IngressClass `{name}` refers to IngressClassParams `{wanted}`, which is not among the manifests"
            );
            let hint = match nearest(wanted, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "give the manifest of the IngressClassParams too".to_owned(),
            };
            let at = parameters.name.span;
            return Err(self.refuse(ingress, &code::UNKNOWN_PARAMETERS, message, hint, class, at));
        };
        self.check_namespace(ingress, found)?;
        Ok(Some(found))
    }

    fn check_namespace(
        &self,
        ingress: &Ingress<'s>,
        params: &IngressClassParams<'s>,
    ) -> Result<(), Diagnostics> {
        let Some(wanted) = &params.namespace_selector else { return Ok(()) };
        let namespace = ingress.metadata.name.namespace.as_str();
        let name = &params.metadata.name.name;
        let manifest = self.manifests.namespaces.get(namespace);
        let facts = self.inventory.cluster.namespaces.get(namespace);
        let (at, path) = class_place(ingress);
        if manifest.is_none() && facts.is_none() && !selector::only_asks_for_the_name(wanted) {
            let message = format!(
                "IngressClassParams `{name}` selects Namespaces by label, and the labels of `{namespace}` are not known"
            );
            return Err(Diagnostic::error(&code::UNKNOWN_NAMESPACE, message)
                .at(at)
                .path(path)
                .hint(format!("give the manifest of Namespace `{namespace}`, or put its labels into the inventory under cluster.namespaces.{namespace}"))
                .into());
        }
        let mut labels = BTreeMap::from([(selector::NAME_LABEL, namespace)]);
        labels
            .extend(facts.into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str())));
        if let Some(manifest) = manifest {
            let given = manifest.metadata.labels.iter();
            labels.extend(given.map(|(key, value)| (key.as_str(), value.as_str())));
        }
        match selector::matches(wanted, &labels) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let message = format!(
                    "Namespace `{namespace}` is not selected by IngressClassParams `{name}` of the class"
                );
                let hint = "label the Namespace as `namespaceSelector` asks, or use another class";
                let mut finding = Diagnostic::error(&code::NAMESPACE_NOT_SELECTED, message)
                    .at(at)
                    .path(path)
                    .hint(hint);
                if let Some(manifest) = manifest {
                    finding = finding.related(Related {
                        message: "the Namespace".to_owned(),
                        ingress: None,
                        span: Some(manifest.metadata.span),
                    });
                }
                Err(finding
                    .related(Related {
                        message: "the class's parameters".to_owned(),
                        ingress: None,
                        span: Some(params.metadata.span),
                    })
                    .into())
            }
            Err(findings) => Err(findings),
        }
    }

    /// The finding about a class of ours, or parameters of it, that have errors.
    pub(super) fn refused(
        &self,
        ingress: &Ingress<'s>,
        params: Option<&IngressClassParams<'s>>,
    ) -> Option<Diagnostic> {
        let class = ingress.class_name.as_ref().map(|name| NamespacedName::new("", name.as_str()));
        let class = class.or_else(|| Some(self.defaults.first()?.metadata.name.clone()));
        let objects = [
            class.map(|name| ("IngressClass", name)),
            params.map(|params| ("IngressClassParams", params.metadata.name.clone())),
        ];
        let mut objects = objects.into_iter().flatten();
        let (kind, name) =
            objects.find(|(kind, name)| self.manifests.refusal(kind, name).is_some())?;
        let (at, path) = class_place(ingress);
        let message = format!("{kind} `{name}` has errors, so its Ingresses stay as they are");
        Some(
            Diagnostic::error(&REFUSED_CLASS, message)
                .at(at)
                .ingress(ingress.metadata.name.to_string())
                .path(path)
                .hint(format!("correct the {kind} first")),
        )
    }

    fn unknown_class(&self, ingress: &Ingress<'s>, name: &crate::yaml::Text<'s>) -> Diagnostic {
        let known = self.manifests.ingress_classes.keys().map(String::as_str);
        let message = format!("IngressClass `{}` is not among the manifests", name.as_str());
        let hint = match nearest(name.as_str(), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "give its manifest too: kind: IngressClass, metadata.name: {}, spec.controller: {CONTROLLER}",
                name.as_str()
            ),
        };
        Diagnostic::error(&code::UNKNOWN_CLASS, message)
            .at(name.span)
            .path("spec.ingressClassName")
            .label("no such class")
            .hint(hint)
            .ingress(ingress.metadata.name.to_string())
    }

    fn refuse(
        &self,
        ingress: &Ingress<'s>,
        code: &'static crate::diagnostic::Code,
        message: String,
        hint: String,
        class: &IngressClass<'s>,
        class_at: crate::source::Span,
    ) -> Diagnostics {
        let (at, path) = class_place(ingress);
        Diagnostic::error(code, message)
            .at(at)
            .path(path)
            .hint(hint)
            .related(Related {
                message: format!("parameters of IngressClass `{}`", class.metadata.name.name),
                ingress: None,
                span: Some(class_at),
            })
            .into()
    }
}

/// Where an Ingress says its class, or where its name stands if it takes the default one.
fn class_place(ingress: &Ingress<'_>) -> (crate::source::Span, &'static str) {
    match &ingress.class_name {
        Some(name) => (name.span, "spec.ingressClassName"),
        None => (ingress.metadata.span, "metadata.name"),
    }
}

/// The finding about an Ingress without a class where two classes are the default.
fn torn(ingress: &Ingress<'_>, first: &IngressClass<'_>, second: &IngressClass<'_>) -> Diagnostic {
    let name = |class: &IngressClass<'_>| class.metadata.name.name.clone();
    let mark = |class: &IngressClass<'_>| Related {
        message: format!("IngressClass `{}` is the default", name(class)),
        ingress: None,
        span: class
            .metadata
            .annotations
            .get(DEFAULT_CLASS_ANNOTATION)
            .map_or(Some(class.metadata.span), |value| Some(value.span)),
    };
    let message = format!(
        "Ingress `{}` names no class, and both `{}` and `{}` are the default",
        ingress.metadata.name,
        name(first),
        name(second)
    );
    Diagnostic::error(&code::TWO_DEFAULT_CLASSES, message)
        .at(ingress.metadata.span)
        .path("spec.ingressClassName")
        .hint(format!("write spec.ingressClassName: {}", name(first)))
        .related(mark(first))
        .related(mark(second))
}
