//! The witnesses' part of a bundle: a checkpoint that they cosigned, of a log that begins with this record.

use super::report::{Cosigner, Findings};
use crate::bundle::{Bundle, Witnessed};
use crate::checkpoint::{Checkpoint, Vkey};
use crate::civil::utc;
use crate::cosignature::{WitnessKey, claimed};
use crate::proof::verify_consistency;

/// Checks it, and that each of `witnesses` cosigned it.
pub(super) fn check(f: &mut Findings, b: &Bundle, witnesses: &[WitnessKey]) {
    let Some(w) = &b.witnessed else {
        for key in witnesses {
            lacking(f, key);
        }
        return;
    };
    // A key that can't be read was said already.
    let Ok(vkey) = b.vkey.parse::<Vkey>() else { return };
    if !follows(f, b, w, &vkey) {
        return;
    }
    for name in claimed(&w.checkpoint) {
        if witnesses.iter().all(|key| key.name() != name) {
            f.cosigners.push(Cosigner { name, time: None });
        }
    }
    for key in witnesses {
        match key.cosigned(&w.checkpoint) {
            Ok(Some(time)) => {
                f.check(format!("The witness {} cosigned it at {}.", key.name(), utc(time)));
                f.cosigners.push(Cosigner {
                    name: key.name().to_owned(),
                    time: Some(time),
                });
            }
            Ok(None) => lacking(f, key),
            Err(_) => f.altered(
                None,
                format!(
                    "The cosignature of the witness {} is not of this checkpoint.",
                    key.name()
                ),
            ),
        }
    }
}

fn lacking(f: &mut Findings, key: &WitnessKey) {
    f.cannot(
        None,
        format!("The record carries no cosignature by the witness {}.", key.name()),
    );
}

/// Whether the witnessed checkpoint is the log's own, and of a log that begins with what is here.
fn follows(f: &mut Findings, b: &Bundle, w: &Witnessed, vkey: &Vkey) -> bool {
    let later = match Checkpoint::verify(&w.checkpoint, vkey) {
        Ok(later) if later.origin == vkey.name() => later,
        Ok(_) | Err(_) => {
            f.altered(
                None,
                "The checkpoint that witnesses cosigned is not signed by the log's key.",
            );
            return false;
        }
    };
    if verify_consistency(b.size, later.size, &b.root, &later.root, &w.consistency).is_err() {
        f.altered(
            None,
            format!(
                "What witnesses cosigned at size {} does not begin with this record.",
                later.size
            ),
        );
        return false;
    }
    f.check(format!("The record is where the log of size {} begins.", later.size));
    true
}
