"""The key that signs records (Ed25519), and how a signature is checked."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from ticketing.keys import KeyFileError
from ticketing.master_key import make_key_file, read_key_file


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature and the public key that it is checked with, both in hexadecimal."""

    public_key: str
    signature: str


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Signs records."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, seed: bytes) -> "SigningKey":
        """The key that grows from 32 bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public_key(self) -> str:
        """64 hexadecimal digits; no secret."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    @property
    def public_pem(self) -> str:
        """The public key as other programs read it."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, message: bytes) -> Signature:
        return Signature(self.public_key, self._key.sign(message).hex())


def load_signing_key(path: Path, data_dir: Path) -> SigningKey:
    """The signing key in a file; made on first use, readable for its owner only.

    A lost one is made anew, for an erasure must not wait for it: what the old one signed can still be checked with its
    public key. Raises KeyFileError.
    """
    try:
        if not path.exists():
            make_key_file(path, data_dir, "The signing key", "signing_key_file")
    except OSError as error:
        raise KeyFileError(f"The signing key {path} cannot be read or made: {error.strerror}.") from None
    return SigningKey.of(read_key_file(path, "The signing key"))


def read_public_key(path: Path) -> str:
    """The public key in a PEM file, as `junban keys public` prints it, in hexadecimal. Raises KeyFileError."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise KeyFileError(f"The public key {path} cannot be read: {error.strerror}.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError(f"{path} holds no public key.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"The public key {path} is of another kind than Ed25519.")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def trusted_keys(own: Path, files: Collection[Path]) -> set[str]:
    """The public keys whose signatures count: those in ``files``, or without any the installation's own one.

    Raises KeyFileError.
    """
    if files:
        return {read_public_key(path) for path in files}
    if not own.exists():
        raise KeyFileError(f"The signing key {own} is missing; name the file of its public key with --public-key.")
    return {SigningKey.of(read_key_file(own, "The signing key")).public_key}


def is_signed(message: bytes, signature: Signature) -> bool:
    """Whether the signature is one of this message by its public key; whose that is must be asked apart."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.public_key))
        key.verify(bytes.fromhex(signature.signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signature_problem(message: bytes, signature: Signature, trusted: Collection[str]) -> str | None:
    """What is wrong with a signature, as the end of a sentence; None: nothing."""
    if not is_signed(message, signature):
        return "has a signature that does not fit it"
    if signature.public_key not in trusted:
        return f"was signed with another key ({signature.public_key[:16]}…)"
    return None
