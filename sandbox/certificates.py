"""The sandbox's own certificate authority, and the certificate that answers for Azure's host names.

The private keys stay in the sandbox's folder, readable by their owner alone; the
authority is trusted by wrapped commands only, never by the system. What this
module does not do: revoke, or sign anything but the one server certificate.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.folder import SandboxFolder, write_private
from sandbox.hosts import CERTIFICATE_NAMES

CA_VALIDITY = dt.timedelta(days=3650)
# Clients such as Go's and Apple's refuse server certificates that are valid for more than 825 days.
SERVER_VALIDITY = dt.timedelta(days=397)
RENEW_BEFORE = dt.timedelta(days=7)
_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/cert.pem",  # macOS
)


def ensure_certificates(folder: SandboxFolder, environment: Mapping[str, str]) -> bool:
    """Make what is missing, unreadable or about to expire; true when the server certificate is new.

    A renewed server certificate keeps the authority, so that clients with the
    bundle in memory go on; a renewed authority renews everything.
    """
    now = dt.datetime.now(dt.timezone.utc)
    authority = _load(folder.ca_certificate, folder.ca_key)
    if authority is None or authority[0].not_valid_after_utc - now < RENEW_BEFORE:
        authority = _make_authority(folder, now)
    server = _load(folder.server_certificate, folder.server_key)
    renewed = (
        server is None
        or server[0].not_valid_after_utc - now < RENEW_BEFORE
        or server[0].issuer != authority[0].subject
        or not _covers(server[0])
        or not _signed_by(server[0], authority[0])
    )
    if renewed:
        _make_server(folder, *authority, now)
    if not _is_signing_key(folder.signing_key):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        write_private(folder.signing_key, _private_bytes(key))
    _write_bundle(folder, environment)
    return renewed


def expiry(certificate: Path) -> dt.datetime:
    """When the certificate in a PEM file stops being valid (UTC)."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def _load(certificate: Path, key: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    try:
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != loaded.public_key():
        return None
    return loaded, private


def _is_signing_key(file: Path) -> bool:
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return False
    return isinstance(key, rsa.RSAPrivateKey)


def _covers(certificate: x509.Certificate) -> bool:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(CERTIFICATE_NAMES) <= set(names.get_values_for_type(x509.DNSName))


def _signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001 - cryptography raises ValueError, TypeError or InvalidSignature; each means "no"
        return False
    return True


def _make_authority(
    folder: SandboxFolder, now: dt.datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    # The serial number in the name keeps the authorities of two sandboxes apart in one trust store.
    serial = x509.random_serial_number()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Azure sandbox on this machine"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Azure sandbox {folder.name} {serial % 16**8:08x}"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(name, name, key.public_key(), (now, now + CA_VALIDITY), serial)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(folder.ca_key, _private_bytes(key))
    write_private(folder.ca_certificate, certificate.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _make_server(
    folder: SandboxFolder,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "management.azure.com")])
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in CERTIFICATE_NAMES]
    names.append(x509.IPAddress(ipaddress.IPv4Address("127.0.0.1")))
    ends = min(now + SERVER_VALIDITY, authority.not_valid_after_utc)
    certificate = (
        _builder(name, authority.subject, key.public_key(), (now, ends), x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    write_private(folder.server_key, _private_bytes(key))
    write_private(folder.server_certificate, certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    validity: tuple[dt.datetime, dt.datetime],
    serial: int,
) -> x509.CertificateBuilder:
    begins, ends = validity
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(begins - dt.timedelta(hours=1))  # a clock that is a little behind
        .not_valid_after(ends)
    )


def _private_bytes(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_bundle(folder: SandboxFolder, environment: Mapping[str, str]) -> None:
    authority = folder.ca_certificate.read_bytes()
    roots = _system_roots(folder, environment)
    content = roots.rstrip(b"\n") + b"\n" + authority if roots else authority
    if not folder.ca_bundle.exists() or folder.ca_bundle.read_bytes() != content:
        temporary = folder.ca_bundle.with_name(f".ca-bundle.{os.getpid()}")
        temporary.write_bytes(content)
        os.replace(temporary, folder.ca_bundle)


def _system_roots(folder: SandboxFolder, environment: Mapping[str, str]) -> bytes:
    """The roots that the user's own commands trust: a preset bundle wins over the system's."""
    preset = [environment[name] for name in _BUNDLE_VARIABLES if environment.get(name)]
    for candidate in [*preset, ssl.get_default_verify_paths().cafile or "", *_SYSTEM_BUNDLES]:
        path = Path(candidate)
        # Inside a wrapped command the variables name a sandbox's bundle already: not the system's roots.
        if candidate and path.is_file() and path.parent.parent != folder.path.parent:
            return path.read_bytes()
    return b""
