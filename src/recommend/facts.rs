//! Which given facts a method uses, and whether anything is known about a model at all.

use super::{Recommender, Request};
use crate::methods::{Method, NewModel, Use, words};
use crate::snapshot::{Factor, Factors, Facts, Model};
use serde::Serialize;
use std::collections::HashSet;

/// The given facts, used and unused.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GivenFacts {
    /// The facts that the forecast uses, including the date.
    pub used: Factors,
    /// The facts that the forecast doesn't use.
    pub ignored: Vec<IgnoredFact>,
}

/// A fact that a forecast doesn't use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IgnoredFact {
    /// Its name.
    pub name: String,
    /// The reason, as half a sentence.
    pub why: String,
}

impl Recommender {
    /// Splits the given facts into those that the method uses on these data and those that it doesn't.
    pub(super) fn facts(&self, request: &Request) -> GivenFacts {
        let (method, models) = (self.method(), &self.snapshot.models);
        let mut facts = GivenFacts::default();
        let missing = "no model of this data has it";
        for (name, factor) in &request.factors {
            let (role, known) = self.role(name, factor);
            let why = if !method.uses(Use::Factors) {
                format!("method {} does not use facts", method.name())
            } else if !known {
                missing.to_owned()
            } else if !method.uses_factor(role) {
                format!("method {} does not use it", method.name())
            } else {
                facts.used.insert(name.clone(), factor.clone());
                continue;
            };
            facts.ignored.push(IgnoredFact { name: name.clone(), why });
        }
        if let Some(date) = request.date {
            let why = if !method.uses(Use::Dates) {
                format!("method {} does not use dates", method.name())
            } else if models.iter().all(|model| model.date.is_none()) {
                "the data have no dates".to_owned()
            } else {
                facts.used.insert("date".to_owned(), Factor::Text(date.to_string()));
                return facts;
            };
            facts.ignored.push(IgnoredFact { name: "date".to_owned(), why });
        }
        facts
    }

    /// The role under which methods use a fact, and whether any model of the data has a fact of that role.
    fn role<'n>(&self, name: &'n str, factor: &Factor) -> (&'n str, bool) {
        let alone = Factors::from([(name.to_owned(), factor.clone())]);
        let alone = Facts::from(&alone);
        let any = |has: &dyn Fn(&Facts<'_>) -> bool| self.snapshot.models.iter().any(|model| has(&model.facts()));
        if alone.params.is_some() {
            ("params", any(&|facts| facts.params.is_some()))
        } else if alone.tokens.is_some() {
            ("tokens", any(&|facts| facts.tokens.is_some()))
        } else if alone.model_type.is_some() {
            ("type", any(&|facts| facts.model_type.is_some()))
        } else if alone.family.is_some() {
            ("family", any(&|facts| facts.family.is_some()))
        } else {
            // This fact describes a merge, not the data: it lowers the confidence of the default method.
            let has = || self.snapshot.models.iter().any(|model| model.factors.contains_key(name));
            (name, name == "random_dropping" || has())
        }
    }

    /// One warning for the typed facts that are not used.
    pub(super) fn not_used(&self, request: &Request, facts: &GivenFacts) -> Option<String> {
        let mut unused = Vec::new();
        for IgnoredFact { name, why } in &facts.ignored {
            // The user chose the method, so a fact that this method never uses needs no warning.
            let could = match request.factors.get(name) {
                Some(factor) => self.method().uses_factor(self.role(name, factor).0),
                None => self.method().uses(Use::Dates),
            };
            if (could || self.method() == Method::DEFAULT) && request.typed.facts.iter().any(|typed| typed == name) {
                unused.push(format!("\"{name}\" ({why})"));
            }
        }
        (!unused.is_empty()).then(|| format!("facts not used: {}", unused.join(", ")))
    }

    /// Whether these facts leave a model without results of any relative, size or known name.
    pub(super) fn is_next_to_nothing(&self, new: &NewModel, facts: &Factors) -> bool {
        let graph = &self.snapshot.lineage;
        let nodes = new.parents.iter().filter_map(|parent| graph.node(&parent.id)).chain(new.node);
        let near = graph.reached(nodes);
        let evaluated = (0..self.snapshot.models.len()).any(|model| near[model] && self.has_results(model as u32));
        let name = new.name.as_deref().unwrap_or_default();
        let facts = Facts::new(name, None, facts);
        if evaluated || !new.scores.is_empty() || facts.size().is_some() || self.shares_kind(&facts) {
            return false;
        }
        let own: HashSet<String> = distinctive_words(name).collect();
        own.is_empty() || !graph.ids().iter().any(|id| distinctive_words(id).any(|word| own.contains(&word)))
    }

    /// Whether a model of the data has the same family or architecture, which is as good as a known name.
    fn shares_kind(&self, facts: &Facts<'_>) -> bool {
        let (family, architecture) = (facts.family_key(), facts.architecture);
        if family.is_none() && architecture.is_none() {
            return false;
        }
        self.snapshot.models.iter().map(Model::facts).any(|other| {
            let same = |(own, other): (&str, &str)| own.eq_ignore_ascii_case(other);
            (family.is_some() && other.family_key() == family) || architecture.zip(other.architecture).is_some_and(same)
        })
    }
}

/// Words that occur in names of unrelated models.
const GENERIC: [&str; 40] = [
    "adapter",
    "ai",
    "awq",
    "base",
    "beta",
    "bf",
    "bit",
    "chat",
    "code",
    "dpo",
    "en",
    "exl",
    "final",
    "fine",
    "finetune",
    "finetuned",
    "fp",
    "ft",
    "gguf",
    "gptq",
    "hf",
    "instruct",
    "int",
    "it",
    "large",
    "llm",
    "lora",
    "merge",
    "merged",
    "mini",
    "model",
    "moe",
    "my",
    "new",
    "pretrained",
    "sft",
    "small",
    "test",
    "the",
    "tuned",
];

/// The words of a name that may identify a model: two letters or more, and not generic.
fn distinctive_words(name: &str) -> impl Iterator<Item = String> {
    let distinctive = |word: &String| {
        word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase()) && !GENERIC.contains(&word.as_str())
    };
    words(name).into_iter().filter(distinctive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Companions, Source, import};
    use crate::methods::Silent;
    use crate::recommend::TrainOptions;

    /// Four models, two of one family, one whose architecture is given as unknown; the method uses sizes.
    fn trained() -> Recommender {
        let results = "model,x\nlab/Alpha,0.2\nlab/Beta,0.3\nlab/Gamma,0.6\nlab/Delta,0.5\n";
        let facts = "model,Params (M),family,architecture\nlab/Alpha,1000,Swan,unknown\nlab/Beta,2000,Swan,BirdForCausalLM\n\
                     lab/Gamma,8000,,\nlab/Delta,4000,,\n";
        let source = |name, text: &'static str| Source { name, bytes: text.as_bytes(), optional: false };
        let companions = Companions { model_factors: Some(source("f.csv", facts)), ..Companions::default() };
        let snapshot = import(&[source("t.csv", results)], &companions).unwrap().snapshot;
        let options = TrainOptions { method: Method::Size, ..TrainOptions::default() };
        pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
    }

    fn of(name: &str, factor: Factor) -> Request {
        let unknown_name = Some("who/Quux".to_owned());
        Request { name: unknown_name, factors: [(name.to_owned(), factor)].into(), ..Request::default() }
    }

    #[test]
    fn a_size_is_used_under_any_name_for_it() {
        let recommender = trained();
        let facts = |name: &str| recommender.facts(&of(name, Factor::Number(3.0)));
        for name in ["params", "Parameter Size(B)"] {
            assert_eq!(facts(name).used.keys().collect::<Vec<_>>(), [name]);
        }
        assert_eq!(facts("tokens").ignored[0].why, "no model of this data has it");
        assert_eq!(
            recommender.facts(&of("family", Factor::Text("Swan".into()))).ignored[0].why,
            "method size does not use it"
        );
    }

    #[test]
    fn a_family_or_architecture_of_the_data_is_information() {
        let recommender = trained();
        let nothing = |name: &str, text: &str| {
            let request = of(name, Factor::Text(text.to_owned()));
            recommender.predict(&request).unwrap().subject.next_to_nothing
        };
        assert!(!nothing("Family", " SWAN ") && !nothing("architecture", "birdforcausallm"));
        assert!(
            nothing("family", "Duck") && nothing("architecture", "unknown"),
            "a word for unknown is no information"
        );
    }
}
