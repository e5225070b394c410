//! Reading a bundle: canonical JSON of exactly the fields of version 1.

use domain::digest::Digest;

use super::{Bundle, BundleError, BundleLeaf, FORMAT, GroupData, Org, Scope, VERSION, Witnessed};
use crate::reader::{Read, Reader, read_all};

impl Bundle {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is no bundle, of another version, or not canonical JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        read_all(bytes, bundle).map_err(|e| match version(bytes) {
            Some(v) if v != u64::from(VERSION) => BundleError::Version(v),
            _ => BundleError::Malformed(e),
        })
    }
}

/// Members in canonical order.
fn bundle(r: &mut Reader<'_>) -> Read<Bundle> {
    let checkpoint = text(r, "{\"checkpoint\":")?;
    r.expect(",\"format\":\"countersign-bundle\",\"leaves\":")?;
    let leaves = r.list(leaf)?;
    let id = text(r, ",\"org\":{\"id\":")?;
    let name = text(r, ",\"name\":")?;
    r.expect("},\"proof\":")?;
    let proof = r.list(digest)?;
    r.expect(",\"root\":")?;
    let root = digest(r)?;
    r.expect(",\"scope\":")?;
    let scope = scope(r)?;
    r.expect(",\"size\":")?;
    let size = r.unsigned()?;
    let title = text(r, ",\"title\":")?;
    r.expect(",\"version\":1")?;
    let vkey = text(r, ",\"vkey\":")?;
    let witnessed = if r.peek() == Some(b',') {
        Some(witnessed(r)?)
    } else {
        None
    };
    r.expect("}")?;
    let (format, version, org) = (FORMAT.to_owned(), VERSION, Org { id, name });
    Ok(Bundle {
        format,
        version,
        org,
        title,
        scope,
        vkey,
        size,
        root,
        checkpoint,
        leaves,
        proof,
        witnessed,
    })
}

fn witnessed(r: &mut Reader<'_>) -> Read<Witnessed> {
    let checkpoint = text(r, ",\"witnessed\":{\"checkpoint\":")?;
    r.expect(",\"consistency\":")?;
    let consistency = r.list(digest)?;
    r.expect("}")?;
    Ok(Witnessed {
        checkpoint,
        consistency,
    })
}

fn scope(r: &mut Reader<'_>) -> Read<Scope> {
    let mut scope = Scope {
        text: String::new(),
        session: None,
        whole: false,
    };
    let mut has_text = false;
    r.object(&mut |r, name| {
        match &**name {
            "session" => scope.session = Some(r.string()?.into_owned()),
            "text" => (scope.text, has_text) = (r.string()?.into_owned(), true),
            "whole" => scope.whole = r.bool()?,
            _ => return r.fail("an unknown field"),
        }
        Ok(())
    })?;
    if has_text {
        Ok(scope)
    } else {
        r.fail("a field is missing")
    }
}

fn leaf(r: &mut Reader<'_>) -> Read<BundleLeaf> {
    r.expect("{\"groups\":")?;
    let groups = r.map(group)?;
    r.expect(",\"index\":")?;
    let index = r.unsigned()?;
    let leaf = text(r, ",\"leaf\":")?;
    r.expect(",\"leaf_hash\":")?;
    let leaf_hash = digest(r)?;
    r.expect("}")?;
    Ok(BundleLeaf {
        index,
        leaf,
        leaf_hash,
        groups,
    })
}

fn group(r: &mut Reader<'_>) -> Read<GroupData> {
    if r.peek() == Some(b'"') {
        return match &*r.string()? {
            "withheld" => Ok(GroupData::Withheld),
            "erased" => Ok(GroupData::Erased),
            _ => r.fail("an unknown word for a group"),
        };
    }
    let json = text(r, "{\"open\":{\"json\":")?;
    r.expect(",\"salt\":")?;
    let salt = r.hex()?;
    r.expect("}}")?;
    Ok(GroupData::Open { salt, json })
}

fn text(r: &mut Reader<'_>, before: &'static str) -> Read<String> {
    r.expect(before)?;
    Ok(r.string()?.into_owned())
}

fn digest(r: &mut Reader<'_>) -> Read<Digest> {
    r.hex().map(Digest)
}

/// The version of a document that may otherwise be unlike ours.
fn version(bytes: &[u8]) -> Option<u64> {
    let (mut is_bundle, mut version) = (false, None);
    let scanned = read_all(bytes, |r| {
        r.object(&mut |r, name| match &**name {
            "format" if r.peek() == Some(b'"') => r.string().map(|f| is_bundle = f == FORMAT),
            "version" => r.unsigned().map(|v| version = Some(v)),
            _ => r.skip(),
        })
    });
    scanned.ok().filter(|()| is_bundle).and(version)
}
