"""TLS: what each sslmode accepts and refuses, with a real authority of our own."""

from __future__ import annotations

import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from maintainer.errors import CancelledError, ConnectionFailedError, UsageError
from maintainer.names import Fragment
from tests.db.contract.proxy import Proxy
from tests.parts import need, need_program
from tests.servers import NoServerError, Server, account, installation, run_sql

ENCRYPTED = Fragment("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


@dataclass(frozen=True)
class Guarded:
    """A server with a certificate for 127.0.0.1 and `localhost`, and the authority that signed it."""

    server: Server
    authority: Path
    stranger: Path

    def dsn(self, **options: str | Path) -> str:
        """Connect as superuser with these keywords."""
        words = {key: str(value) for key, value in options.items()}
        return self.server.dsn("postgres", **words)


@pytest.fixture(scope="module")
def guarded(servers, tmp_path_factory) -> Guarded:
    """A server that speaks TLS."""
    need_program("openssl")
    folder = tmp_path_factory.mktemp("tls")
    authority, stranger = _authority(folder, "authority"), _authority(folder, "stranger")
    _signed(folder, "authority", "server", "subjectAltName=IP:127.0.0.1,DNS:localhost")
    kept = Path(account.own(Path(shutil.copytree(folder, servers.folder / "tls"))))
    for file in kept.iterdir():
        account.own(file).chmod(0o600)
    server = _start(servers, kept)
    need(server, "a PostgreSQL that was built with OpenSSL")
    yield Guarded(server, authority, stranger)
    server.crash()
    shutil.rmtree(kept)


@pytest.mark.parametrize("mode", ["prefer", "require", "allow"])
def test_without_an_authority_nothing_is_verified(opened, guarded, mode):
    """Modes prefer and require encrypt; allow takes what it gets first: no TLS."""
    session = opened(guarded.dsn(sslmode=mode))

    assert session.execute(ENCRYPTED).rows == [(mode != "allow",)]


def test_disable_does_not_encrypt(opened, guarded):
    """sslmode=disable is plain."""
    assert opened(guarded.dsn(sslmode="disable")).execute(ENCRYPTED).rows == [(False,)]


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full", "require", "prefer"])
def test_the_right_authority_is_trusted(opened, guarded, mode):
    """Its certificate opens every mode."""
    session = opened(guarded.dsn(sslmode=mode, sslrootcert=guarded.authority))

    assert session.execute(ENCRYPTED).rows == [(True,)]


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full", "require"])
def test_another_authority_is_refused(opened, guarded, mode):
    """Where an authority is named, `require` verifies too, as in libpq."""
    with pytest.raises(ConnectionFailedError, match=r"(?i)certificate") as caught:
        opened(guarded.dsn(sslmode=mode, sslrootcert=guarded.stranger))

    assert "sslrootcert" in caught.value.hint


def test_another_name_is_refused_by_verify_full_only(opened, guarded):
    """verify-full wants the certificate to name the host; verify-ca does not."""
    wrong = {"host": "db.example.com", "hostaddr": "127.0.0.1", "sslrootcert": guarded.authority}

    assert opened(guarded.dsn(sslmode="verify-ca", **wrong)).execute(ENCRYPTED).rows == [(True,)]
    with pytest.raises(ConnectionFailedError):
        opened(guarded.dsn(sslmode="verify-full", **wrong))


def test_a_name_is_verified(opened, guarded):
    """A host name in the certificate is accepted."""
    by_name = {"host": "localhost", "hostaddr": "127.0.0.1", "sslrootcert": guarded.authority}

    assert opened(guarded.dsn(sslmode="verify-full", **by_name)).pid


def test_the_system_does_not_know_our_authority(opened, guarded):
    """sslrootcert=system means verify-full against the machine's own authorities."""
    with pytest.raises(ConnectionFailedError, match=r"(?i)certificate"):
        opened(guarded.dsn(sslrootcert="system"))


def test_a_missing_authority_file_is_said(opened, guarded):
    """A verifying mode without a file to verify against never connects."""
    with pytest.raises(UsageError, match=r"nowhere\.crt"):
        opened(guarded.dsn(sslmode="verify-full", sslrootcert="/nonexistent/nowhere.crt"))
    with pytest.raises(UsageError, match=r"root\.crt"):
        opened(guarded.dsn(sslmode="verify-ca"))


def test_large_copies_pass_through_tls(opened, guarded):
    """Both directions, larger than every buffer."""
    session = opened(guarded.dsn(sslmode="require"))
    got = bytearray()
    session.execute(Fragment("CREATE TEMP TABLE t (id int, filler text)"))

    rows = session.copy_in(
        Fragment("COPY t FROM STDIN"), (b"1\t" + b"x" * 100_000 + b"\n" for _ in range(100))
    )
    session.copy_out(Fragment("COPY t TO STDOUT"), got.extend)

    assert rows == 100
    assert len(got) == 100 * 100_003


def test_cancel_goes_through_tls(opened, guarded):
    """A session over TLS is cancelled, and goes on; the secret of the request is not readable."""
    with Proxy(guarded.server.host, guarded.server.port) as proxy:
        words = {"sslmode": "verify-full", "sslrootcert": guarded.authority, "port": proxy.port}
        session = opened(guarded.dsn(**words))

        with pytest.raises(CancelledError):
            session.copy_out(
                Fragment("COPY (SELECT generate_series(1, 1000000000)) TO STDOUT"),
                _once(session.cancel),
            )

        assert session.execute(ENCRYPTED).rows == [(True,)]
        assert proxy.heard.count(struct.pack("!I", 80877103)) == 2
        assert struct.pack("!I", 80877102) not in proxy.heard


def test_the_password_is_bound_to_the_channel(opened, guarded):
    """channel_binding=require works over TLS and refuses without it."""
    assert opened(guarded.dsn(sslmode="require", channel_binding="require")).pid
    assert opened(guarded.dsn(sslmode="require", channel_binding="disable")).pid
    with pytest.raises(ConnectionFailedError, match="channel"):
        opened(guarded.dsn(sslmode="disable", channel_binding="require"))


def test_a_rule_that_wants_tls_is_met_by_prefer_and_allow(opened, guarded):
    """pg_hba.conf with hostssl only: allow tries again with TLS, disable is refused."""
    with _only(guarded.server, "hostssl"):
        assert opened(guarded.dsn(sslmode="allow")).execute(ENCRYPTED).rows == [(True,)]
        with pytest.raises(ConnectionFailedError) as caught:
            opened(guarded.dsn(sslmode="disable"))
    assert caught.value.sqlstate == "28000"


def test_a_rule_that_refuses_tls_is_met_by_prefer(opened, guarded):
    """pg_hba.conf with hostnossl only: prefer tries again without."""
    with _only(guarded.server, "hostnossl"):
        assert opened(guarded.dsn(sslmode="prefer")).execute(ENCRYPTED).rows == [(False,)]
        with pytest.raises(ConnectionFailedError):
            opened(guarded.dsn(sslmode="require"))


class _only:  # noqa: N801 - reads as a word in a `with`
    """Let the server accept one kind of connection for the block."""

    def __init__(self, server: Server, kind: str) -> None:
        self._server, self._kind = server, kind
        self._file = server.data_dir / "pg_hba.conf"
        self._before = self._file.read_text()

    def __enter__(self) -> None:
        rule = f"local all all trust\n{self._kind} all all 127.0.0.1/32 scram-sha-256\n"
        self._reload(rule)

    def __exit__(self, *_exc: object) -> None:
        self._reload(self._before)

    def _reload(self, text: str) -> None:
        self._file.write_text(text)
        socket = (
            f"host={self._server.socket_dir} port={self._server.port} user=postgres dbname=postgres"
        )
        before = run_sql(socket, "SELECT pg_conf_load_time()")
        run_sql(socket, "SELECT pg_reload_conf()")
        while run_sql(socket, "SELECT pg_conf_load_time()") == before:
            continue


def _once(action):
    done = []

    def sink(_piece: bytes) -> None:
        if not done:
            done.append(True)
            action()

    return sink


def _start(servers, kept: Path) -> Server | None:
    settings = {"ssl": "on", "ssl_cert_file": str(kept / "server.crt")}
    for version in installation.found():
        try:
            return servers.private(version, {**settings, "ssl_key_file": str(kept / "server.key")})
        except NoServerError as exc:
            if "SSL is not supported" not in str(exc):  # as in the embedded wheel
                raise
    return None


def _authority(folder: Path, name: str) -> Path:
    _openssl(
        folder,
        *("req", "-new", "-x509", "-nodes", "-days", "3650", "-subj", f"/CN={name}"),
        *("-keyout", f"{name}.key", "-out", f"{name}.crt"),
        *("-addext", "basicConstraints=critical,CA:TRUE"),
    )
    return folder / f"{name}.crt"


def _signed(folder: Path, authority: str, name: str, extension: str) -> None:
    (folder / "extensions").write_text(extension)
    _openssl(
        folder,
        *("req", "-new", "-nodes", "-subj", "/CN=server"),
        *("-keyout", f"{name}.key", "-out", f"{name}.csr"),
    )
    _openssl(
        folder,
        *("x509", "-req", "-in", f"{name}.csr", "-days", "3650", "-extfile", "extensions"),
        *("-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-CAcreateserial"),
        *("-out", f"{name}.crt"),
    )


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
