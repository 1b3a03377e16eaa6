//! The first steps of a build: the files of the dump, read a batch after the other.

use crate::build::{Run, plan};
use crate::failure::{Failure, Result};
use crate::inputs::{Batch, Form, Kind, Location};
use crate::progress::Progress;
use crate::{lines, remote, staged};
use std::path::{Path, PathBuf};

impl Run<'_> {
    /// Reads the files, a batch after the other.
    pub(crate) async fn read(&self, batches: &[Batch], progress: &mut Progress) -> Result<()> {
        let (mut listings, mut records) = (Vec::new(), Vec::new());
        for (at, batch) in batches.iter().enumerate() {
            // Tables hold both.
            let kinds: &[Kind] =
                if batch.kind == Kind::Tables { &[Kind::Models, Kind::Results] } else { &[batch.kind] };
            let step = |kind: Kind| format!("{}-{at:04}", if kind == Kind::Models { "listings" } else { "records" });
            let fetched = self.work.path(&format!("fetched-{at:04}"));
            let staged = self.work.path(&format!("staged-{at:04}"));
            let is_read = kinds.iter().all(|kind| self.work.is_done(&step(*kind)));
            let paths = if is_read { Vec::new() } else { self.fetch(batch, &fetched, progress).await? };
            if !is_read && batch.form == Form::Staged && !staged.join("done").exists() {
                staged::stage(batch, &paths, &staged)?;
                std::fs::write(staged.join("done"), "").map_err(|error| Failure::at(&staged, &error))?;
            }
            for &kind in kinds {
                let step = step(kind);
                if self.work.is_done(&step) {
                    progress.kept(&step);
                } else {
                    let batch = Batch { kind, ..batch.clone() };
                    self.lines(&step, &batch, &paths, &staged, progress).await?;
                }
                if kind == Kind::Models { &mut listings } else { &mut records }.push(step);
            }
            for folder in [fetched, staged].iter().filter(|folder| folder.exists()) {
                std::fs::remove_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
            }
        }
        // A dump may lack one kind.
        let none = Batch { kind: Kind::Models, form: Form::Staged, files: Vec::new() };
        let staged = self.work.path("staged-none");
        staged::stage(&none, &[], &staged)?;
        lines::register(self.engine, &none, &[], &staged).await?;
        for (name, sql, steps) in [("listings", plan!("listings"), listings), ("records", plan!("records"), records)] {
            let mut steps = steps;
            if steps.is_empty() {
                let step = format!("{name}-none");
                self.work.run(self.engine, &step, sql, progress).await?;
                steps.push(step);
            }
            let schema = self.engine.schema(sql).await?;
            self.work.register(self.engine, name, &steps, &schema).await?;
        }
        Ok(())
    }

    /// Reads the lines of a batch. Lines that the engine refuses are written anew.
    async fn lines(
        &self,
        step: &str,
        batch: &Batch,
        paths: &[PathBuf],
        staged: &Path,
        progress: &mut Progress,
    ) -> Result<()> {
        let error = match self.lines_of(step, batch, paths, staged, progress).await {
            Err(error @ Failure::Work(_)) => error,
            // A file that has other columns is named already.
            done => return done,
        };
        let is_text = matches!(batch.form, Form::Lines | Form::GzipLines);
        if is_text && error.to_string().contains("Csv error") {
            let mended = staged::mend(batch, paths, staged)?;
            let batch = Batch { form: Form::Lines, ..batch.clone() };
            return self.lines_of(step, &batch, &[mended], staged, progress).await;
        }
        Err(staged::unreadable(batch, paths).unwrap_or_else(|| match batch.files.as_slice() {
            [file] => Failure::work(format!("{file}: {error}")),
            [first, ..] => Failure::work(format!("{first} and {} more: {error}", batch.files.len() - 1)),
            [] => error,
        }))
    }

    async fn lines_of(
        &self,
        step: &str,
        batch: &Batch,
        paths: &[PathBuf],
        staged: &Path,
        progress: &mut Progress,
    ) -> Result<()> {
        let sql = if batch.kind == Kind::Models { plan!("listings") } else { plan!("records") };
        lines::register(self.engine, batch, paths, staged).await?;
        self.work.run(self.engine, step, sql, progress).await.map(drop)
    }

    /// The files of a batch on this machine: where they lie, or where they were fetched to.
    async fn fetch(&self, batch: &Batch, folder: &Path, progress: &mut Progress) -> Result<Vec<PathBuf>> {
        let addresses = batch.files.iter().filter_map(|file| match file {
            Location::Elsewhere(address) => Some(address),
            Location::Here(_) => None,
        });
        let addresses: Vec<_> = addresses.collect();
        let mut fetched = Vec::new();
        if !addresses.is_empty() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            progress.started(&name);
            fetched = remote::fetch(&addresses, folder).await?;
            progress.finished(&name);
        }
        let mut fetched = fetched.into_iter();
        let paths = batch.files.iter().filter_map(|file| match file {
            Location::Elsewhere(_) => fetched.next(),
            Location::Here(path) => Some(path.clone()),
        });
        Ok(paths.collect())
    }
}
