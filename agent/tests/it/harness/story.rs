//! What one action's reports say together.

use domain::action::{Outcome, RefusalReason};
use domain::timestamp::Timestamp;
use wire::{Finish, Order, OutputDigest, Report, ReportBody, Stream};

use super::Server;

/// All reports of one action.
pub(crate) struct Story {
    pub(crate) reports: Vec<Report>,
}

impl Story {
    pub(crate) fn text(&self, of: Stream) -> String {
        let texts = self.reports.iter().filter_map(|r| match &r.body {
            ReportBody::Output { stream, text, .. } if *stream == of => Some(text.as_str()),
            ReportBody::Output { .. }
            | ReportBody::Refused { .. }
            | ReportBody::Started { .. }
            | ReportBody::Finished(_) => None,
        });
        texts.collect()
    }

    pub(crate) fn finish(&self) -> &Finish {
        match &self.reports.last().unwrap().body {
            ReportBody::Finished(finish) => finish,
            other @ (ReportBody::Refused { .. } | ReportBody::Started { .. } | ReportBody::Output { .. }) => {
                panic!("not finished: {other:?}")
            }
        }
    }

    /// How it ended. A test that fails shows the rest of it too.
    #[expect(clippy::print_stderr, reason = "only a test that fails shows it")]
    pub(crate) fn outcome(&self) -> Outcome {
        let finish = self.finish();
        eprintln!("{finish:?}");
        finish.outcome
    }

    pub(crate) fn refusal(&self) -> (RefusalReason, &str) {
        match &self.reports.last().unwrap().body {
            ReportBody::Refused { reason, detail } => (*reason, detail),
            other @ (ReportBody::Finished(_) | ReportBody::Started { .. } | ReportBody::Output { .. }) => {
                panic!("not refused: {other:?}")
            }
        }
    }

    pub(crate) fn resource(&self) -> &str {
        match &self.reports[0].body {
            ReportBody::Started { resource, .. } => resource,
            other @ (ReportBody::Finished(_) | ReportBody::Refused { .. } | ReportBody::Output { .. }) => {
                panic!("not a start: {other:?}")
            }
        }
    }

    /// Whether the end's totals and receipt are those of the reports (R11).
    pub(crate) fn check(&self, server: &Server, order: &Order) {
        let ReportBody::Finished(finish) = &self.reports.last().unwrap().body else {
            return;
        };
        let (mut digest, mut chunks, mut lines, mut bytes) = (OutputDigest::new(), 0, 0, [0, 0]);
        for report in &self.reports {
            if let ReportBody::Output {
                stream,
                text,
                raw_bytes,
                lines: l,
                ..
            } = &report.body
            {
                digest.push(*stream, text);
                chunks += 1;
                lines += l;
                bytes[usize::from(*stream == Stream::Stderr)] += raw_bytes;
            }
        }
        assert_eq!(
            (finish.output, finish.chunks, finish.lines),
            (digest.digest(), chunks, lines)
        );
        assert_eq!([finish.stdout_bytes, finish.stderr_bytes], bytes);
        assert!(finish.started <= finish.finished && finish.finished > Timestamp::default());
        assert!(finish.verify_receipt(order.action, &server.sign(order).digest(), &server.device_key.unwrap()));
    }
}
