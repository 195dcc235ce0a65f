//! Makes one small style sheet out of `style/main.css` and what it imports.

use anyhow::anyhow;
use lightningcss::bundler::{Bundler, FileProvider, ResolveResult, SourceProvider};
use lightningcss::error::Error;
use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions};
use lightningcss::targets::{Browsers, Targets};
use std::fmt::Display;
use std::io;
use std::path::Path;

/// The oldest browsers that know everything the style sheets use: nesting, layers, container queries and `light-dark()`.
/// For older ones lightningcss would replace `light-dark()` by variables, and the theme switch would stop working.
fn targets() -> Targets {
    let version = |major: u32, minor: u32| Some((major << 16) | (minor << 8));
    Targets::from(Browsers {
        chrome: version(123, 0),
        edge: version(123, 0),
        firefox: version(128, 0),
        safari: version(17, 5),
        ios_saf: version(17, 5),
        ..Browsers::default()
    })
}

/// Follows the imports of `entry` and returns the minified whole. Errors name file, line and column.
pub fn bundle(entry: &Path) -> anyhow::Result<String> {
    let files = NamedFiles(FileProvider::new());
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler.bundle(entry).map_err(placed)?;
    let targets = targets();
    sheet
        .minify(MinifyOptions {
            targets,
            ..MinifyOptions::default()
        })
        .map_err(placed)?;
    let options = PrinterOptions {
        minify: true,
        targets,
        ..PrinterOptions::default()
    };
    Ok(sheet.to_css(options).map_err(placed)?.code)
}

/// lightningcss borrows from the sheets and counts lines from 0; people and editors count from 1.
fn placed<Kind: Display>(error: Error<Kind>) -> anyhow::Error {
    match error.loc {
        Some(at) => anyhow!("{}:{}:{}: {}", at.filename, at.line + 1, at.column, error.kind),
        None => anyhow!("{}", error.kind),
    }
}

/// The files below `style/`. Says which one can't be read, where the library tells only who asked for it.
struct NamedFiles(FileProvider);

impl SourceProvider for NamedFiles {
    type Error = io::Error;

    fn read<'a>(&'a self, file: &Path) -> io::Result<&'a str> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
        self.0.read(file).map_err(named)
    }

    fn resolve(&self, specifier: &str, importer: &Path) -> io::Result<ResolveResult> {
        self.0.resolve(specifier, importer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn bundled(files: &[(&str, &str)]) -> anyhow::Result<String> {
        let folder = tempfile::tempdir()?;
        for (name, text) in files {
            fs::write(folder.path().join(name), text)?;
        }
        bundle(&folder.path().join("main.css"))
    }

    #[test]
    fn imports_are_put_in_place_and_layers_keep_their_declared_order() {
        let css = bundled(&[
            (
                "main.css",
                "@layer base, parts; @import 'parts.css' layer(parts); @import 'base.css' layer(base);",
            ),
            ("base.css", "p { margin: 0px }"),
            ("parts.css", "p { color: red }"),
        ]);
        assert_eq!(css.unwrap(), "@layer base{p{margin:0}}@layer parts{p{color:red}}");
    }

    #[test]
    fn what_recent_browsers_know_is_left_alone() {
        let css = bundled(&[(
            "main.css",
            ":root { color-scheme: light dark; --ink: light-dark(#111, #eee) }
             .card { color: light-dark(#123456, #fedcba); .title { margin: 1px } }
             @container (width > 30rem) { .card { display: grid } }",
        )])
        .unwrap();
        assert_eq!(
            css,
            ":root{color-scheme:light dark;--ink:light-dark(#111,#eee)}\
             .card{color:light-dark(#123456,#fedcba);& .title{margin:1px}}\
             @container (width>30rem){.card{display:grid}}"
        );
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        let error = bundled(&[("main.css", "p {\n  color: red; }\n}")]).unwrap_err();
        assert!(error.to_string().contains("main.css:3"), "{error}");
    }

    #[test]
    fn a_missing_import_is_named() {
        let error = bundled(&[("main.css", "@import 'gone.css';")]).unwrap_err();
        assert!(error.to_string().contains("gone.css"), "{error}");
    }
}
