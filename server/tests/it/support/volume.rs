//! A small file system of its own, to fill and to break. It is mounted in a mount namespace that nothing else sees and that
//! ends with the processes in it, so whatever becomes of a test nothing stays mounted.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

/// A mounted file system, and the process whose namespace it is in: that ends with the pipe to it.
pub(crate) struct Volume {
    holder: Child,
    enter: &'static [&'static str],
    at: PathBuf,
    /// The line of shell that mounted it.
    mount: String,
}

/// How a namespace is made and how it is entered: as root, else with a user namespace, in which a tmpfs can be mounted.
const WAYS: [(&[&str], &[&str]); 2] = [
    (&["--mount"], &["--mount"]),
    (
        &["--user", "--map-root-user", "--mount"],
        &["--user", "--preserve-credentials", "--mount"],
    ),
];

impl Volume {
    /// Mounts in memory what holds `size`, at a folder that is there.
    pub(crate) async fn in_memory(at: &Path, size: &str) -> Self {
        Self::mount(at, &format!("mount -t tmpfs -o size={size} countersign \"$0\"")).await
    }

    /// Mounts an ext4 file system, which is made in a file.
    pub(crate) async fn ext4(at: &Path, image: &Path) -> Self {
        std::fs::File::create(image).unwrap().set_len(16 << 20).unwrap();
        let made = Command::new("mkfs.ext4").arg("-q").arg(image).output().await;
        let made = made.expect("mkfs.ext4 is there");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self::mount(at, &format!("mount -o loop '{}' \"$0\"", image.display())).await
    }

    async fn mount(at: &Path, mount: &str) -> Self {
        let mut said = String::new();
        for (make, enter) in WAYS {
            let mut holder = Command::new("unshare")
                .args(make)
                .args(["sh", "-c", &format!("exec 2>&1; {mount} && echo mounted && exec cat")])
                .arg(at)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .expect("unshare is there");
            let mut answer = [0; 1024];
            let n = holder.stdout.as_mut().unwrap().read(&mut answer).await.unwrap();
            let answer = String::from_utf8_lossy(&answer[..n]).into_owned();
            if answer == "mounted\n" {
                let at = at.to_owned();
                let mount = mount.to_owned();
                return Self {
                    holder,
                    enter,
                    at,
                    mount,
                };
            }
            drop(holder.stdin.take());
            let errors = holder.wait_with_output().await.unwrap().stderr;
            said += &format!("unshare {make:?}: {answer}{}\n", String::from_utf8_lossy(&errors));
        }
        panic!("this test mounts a file system, which takes root or, in memory, a user namespace:\n{said}");
    }

    /// Takes it off and mounts it again, as after a restart of the machine. Nothing may hold a file of it.
    pub(crate) async fn mount_anew(&self) {
        self.run(&format!("umount \"$0\" && {}", self.mount)).await;
    }

    fn holder(&self) -> String {
        self.holder.id().expect("it ends with its pipe").to_string()
    }

    /// Where a file of it is, for this process.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let at = self.at.strip_prefix("/").unwrap();
        Path::new("/proc").join(self.holder()).join("root").join(at).join(name)
    }

    /// A program that sees the file system where it is mounted.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.holder()])
            .args(self.enter)
            .args(["--", program]);
        command
    }

    /// Runs a line of shell in it, which must succeed; `$0` is where it is mounted.
    pub(crate) async fn run(&self, line: &str) {
        let done = self
            .command("sh")
            .args(["-c", line])
            .arg(&self.at)
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{line}: {said}");
    }

    /// Leaves no byte free, in a file that is to be removed again.
    pub(crate) fn fill(&self) -> PathBuf {
        let filler = self.path("filler");
        let full = std::fs::write(&filler, vec![1; 64 << 20]).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        filler
    }
}
