//! Functions in attributes: by their path, or as closures of one argument.

use quote::ToTokens;
use syn::{Expr, ExprClosure, Stmt};

use super::item;
use crate::problems::Problems;

/// What an item does with its function, for texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Role {
    /// The item: `changed`.
    pub(crate) word: &'static str,
    /// What it is called, with an article: `a predicate`.
    pub(crate) what: &'static str,
    /// What it may be.
    pub(crate) wants: &'static str,
    /// What it hands to the function: `the object`.
    pub(crate) gives: &'static str,
    /// The closure as it begins: `|object| ..`.
    pub(crate) closure: &'static str,
    /// The item as it is written.
    pub(crate) example: &'static str,
    /// What is said of a closure of two arguments.
    pub(crate) with_two: Option<&'static str>,
}

impl Role {
    /// A path, or a closure that can be called.
    pub(crate) fn read(&self, expr: Expr, problems: &mut Problems) -> Option<Expr> {
        match item::peel(expr) {
            Expr::Path(path) => Some(Expr::Path(path)),
            Expr::Closure(closure) => self.is_usable(&closure, problems).then_some(Expr::Closure(closure)),
            expr => {
                self.refuse(&expr, problems);
                None
            }
        }
    }

    /// This is none of what the item may be.
    pub(crate) fn refuse(&self, tokens: impl ToTokens, problems: &mut Problems) {
        let Self { word, wants, example, .. } = self;
        problems.at(tokens, format!("`{word}` wants {wants}; write `{example}`"));
    }

    fn is_usable(&self, closure: &ExprClosure, problems: &mut Problems) -> bool {
        let Self { word, what, gives, closure: form, .. } = self;
        if let Some(token) = &closure.asyncness {
            problems.at(token, format!("{what} is computed without waiting; remove `async`"));
        } else if let (2, Some(message)) = (closure.inputs.len(), self.with_two) {
            problems.at(closure, message);
        } else if closure.inputs.len() != 1 {
            let count = closure.inputs.len();
            problems.at(
                closure,
                format!("this closure takes {count} arguments, `{word}` gives it {gives}; write `{form}`"),
            );
        } else if gives_nothing(&closure.body) {
            problems.at(
                &closure.body,
                format!("this closure returns nothing; end it with what `{word}` is to take, without `;`"),
            );
        } else {
            return true;
        }
        false
    }
}

/// A block that ends with a statement. One that ends with a jump does not come to its end.
fn gives_nothing(body: &Expr) -> bool {
    let Expr::Block(block) = body else { return false };
    match block.block.stmts.last() {
        None | Some(Stmt::Local(_) | Stmt::Item(_)) => true,
        Some(Stmt::Expr(expr, semicolon)) => semicolon.is_some() && !matches!(expr, Expr::Return(_) | Expr::Macro(_)),
        Some(Stmt::Macro(_)) => false,
    }
}
