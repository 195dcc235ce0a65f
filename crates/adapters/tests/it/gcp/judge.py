"""Asks the test kit's stand-in for Google Secret Manager through Google's own client, and fails where that isn't content.

What is expected here is what the tests in Rust expect of the same server."""

import sys

from google.api_core import exceptions
from google.auth import exceptions as auth_exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import secretmanager_v1

PATH = "projects/tests/secrets/master-key"
STATES = secretmanager_v1.SecretVersion.State


def connect(endpoint):
    return secretmanager_v1.SecretManagerServiceClient(
        transport="rest",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": endpoint.rstrip("/")},
    )


def refused(status, words, call, **arguments):
    try:
        call(retry=None, **arguments)
    except exceptions.GoogleAPICallError as error:
        assert error.response.json()["error"]["status"] == status, error
        assert error.code == error.response.status_code, error
        assert words in error.message, error
    else:
        raise AssertionError(f"nobody refused: {words}")


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def about(client):
    secret = client.get_secret(name=PATH)
    assert secret.name == PATH, secret
    replicas = secret.replication.user_managed.replicas
    assert [replica.location for replica in replicas] == ["europe-west3", "europe-west6"], secret
    assert replicas[1].customer_managed_encryption.kms_key_name == "projects/tests/keys/kek", secret
    assert secret.rotation.rotation_period.days == 30, secret
    assert secret.rotation.next_rotation_time.isoformat() == "2027-01-01T00:00:00+00:00", secret
    assert secret.expire_time.isoformat() == "2028-02-29T12:00:00+00:00", secret
    assert secret.version_destroy_ttl.days == 7, secret
    assert dict(secret.version_aliases) == {"ampora": 4, "lost": 9}, secret
    assert dict(secret.labels) == {"team": "platform"}, secret


def versions(client):
    pager = client.list_secret_versions(request={"parent": PATH})
    pages = [list(page.versions) for page in pager.pages]
    assert [len(page) for page in pages] == [2, 2, 1], pages
    listed = [version for page in pages for version in page]
    found = {version.name.rsplit("/", 1)[1]: version for version in listed}
    assert list(found) == ["5", "4", "3", "2", "1"], found
    states = [found[name].state for name in "12345"]
    assert states == [STATES.DESTROYED, STATES.DISABLED, STATES.DISABLED, STATES.ENABLED, STATES.ENABLED], states
    assert found["1"].destroy_time.isoformat() == "2026-06-01T00:00:00+00:00", found
    assert found["3"].scheduled_destroy_time.isoformat() == "2026-12-24T18:00:00.500000+00:00", found
    assert found["5"].create_time.isoformat() == "2026-01-05T00:00:00.123456+00:00", found
    assert found["5"].client_specified_payload_checksum, found
    one = client.list_secret_versions(request={"parent": PATH, "page_size": 1})
    assert [len(page.versions) for page in one.pages] == [1, 1, 1, 1, 1]
    # The newest one, and what an alias names.
    assert client.get_secret_version(name=f"{PATH}/versions/latest").name == f"{PATH}/versions/5"
    assert client.get_secret_version(name=f"{PATH}/versions/ampora").name == f"{PATH}/versions/4"


def values(client):
    for version, number in [("4", 4), ("ampora", 4), ("5", 5), ("latest", 5)]:
        answer = client.access_secret_version(name=f"{PATH}/versions/{version}")
        assert answer.name == f"{PATH}/versions/{number}", answer.name
        assert answer.payload.data == b"value-of-version-%d" % number
        assert answer.payload.data_crc32c == crc32c(answer.payload.data)
    for version, state in [("1", "DESTROYED"), ("2", "DISABLED"), ("3", "DISABLED")]:
        words = f"is in {state} state"
        refused("FAILED_PRECONDITION", words, client.access_secret_version, name=f"{PATH}/versions/{version}")
    refused("NOT_FOUND", "not found", client.access_secret_version, name=f"{PATH}/versions/6")
    refused("NOT_FOUND", "not found", client.get_secret, name=f"{PATH}-other")
    refused("NOT_FOUND", "not found", client.list_secret_versions, parent=f"{PATH}-other")


def all_refused(client, status, words):
    refused(status, words, client.get_secret, name=PATH)
    refused(status, words, client.list_secret_versions, parent=PATH)
    refused(status, words, client.access_secret_version, name=f"{PATH}/versions/5")


part, endpoint = sys.argv[1:]
client = connect(endpoint)
assert crc32c(b"123456789") == 0xE3069283
if part == "asked":
    about(client)
    versions(client)
    values(client)
elif part == "denied":
    all_refused(client, "PERMISSION_DENIED", "denied for resource")
elif part == "closed":
    # Its client takes this refusal as a wish for fresher credentials, and nobody has any.
    try:
        client.get_secret(name=PATH, retry=None)
    except auth_exceptions.InvalidOperation as error:
        assert "cannot be refreshed" in str(error), error
    else:
        raise AssertionError("anybody was let in")
else:
    raise AssertionError(part)
