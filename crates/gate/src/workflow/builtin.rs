//! The workflows that come with the product: their names and parameters. What they come to stands above.

use super::{Parameter, ParameterKind, Workflow};

/// The workflows that come with the product.
pub const BUILTIN: &[Workflow] = &[
    FILE_INSPECTION,
    LOG_INSPECTION,
    SERVICE_RESTART,
    NETWORK_CHECK,
    REGISTRY_INSPECTION,
];

const FILE_INSPECTION: Workflow = Workflow {
    name: "file-inspection",
    version: 1,
    title: "File inspection",
    says: "Reads files below one folder, such as an application's settings.",
    parameters: &[
        Parameter {
            name: "folder",
            title: "Folder",
            hint: "/etc/pos",
            kind: ParameterKind::Folder,
            required: true,
        },
        Parameter {
            name: "files",
            title: "Files in it",
            hint: "connection.conf",
            kind: ParameterKind::FileNames,
            required: false,
        },
    ],
};

const LOG_INSPECTION: Workflow = Workflow {
    name: "log-inspection",
    version: 1,
    title: "Log inspection",
    says: "Reads one log of the last 24 hours.",
    parameters: &[Parameter {
        name: "log",
        title: "Log",
        hint: "cups",
        kind: ParameterKind::Log,
        required: true,
    }],
};

const SERVICE_RESTART: Workflow = Workflow {
    name: "service-restart",
    version: 1,
    title: "Service restart",
    says: "Looks at a service and its log, restarts it, and looks again.",
    parameters: &[Parameter {
        name: "service",
        title: "Service",
        hint: "cups",
        kind: ParameterKind::Service,
        required: true,
    }],
};

const NETWORK_CHECK: Workflow = Workflow {
    name: "network-check",
    version: 1,
    title: "Network check",
    says: "Checks whether the endpoint reaches a host and port.",
    parameters: &[Parameter {
        name: "target",
        title: "Host and port",
        hint: "gw.example.com:443",
        kind: ParameterKind::HostPort,
        required: true,
    }],
};

const REGISTRY_INSPECTION: Workflow = Workflow {
    name: "registry-inspection",
    version: 1,
    title: "Registry inspection",
    says: "Reads an application's settings in the Windows registry, checks the host that they name, and restarts its service.",
    parameters: &[
        Parameter {
            name: "key",
            title: "Key",
            hint: r"HKLM\SOFTWARE\Vendor\POS",
            kind: ParameterKind::RegistryKey,
            required: true,
        },
        Parameter {
            name: "target",
            title: "Host and port",
            hint: "gw.example.com:443",
            kind: ParameterKind::HostPort,
            required: false,
        },
        Parameter {
            name: "service",
            title: "Service",
            hint: "POSPrint",
            kind: ParameterKind::Service,
            required: false,
        },
    ],
};
