"""Asks the test kit's stand-in for Azure Key Vault through Microsoft's own client, and fails where that isn't content.

What is expected here is what the tests in Rust expect of the same server."""

import sys
import time

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.keyvault.secrets import SecretClient

NAME = "master-key"


class Static:
    """A token that is there already."""

    def __init__(self, token):
        self.token = token
        self.scopes = []

    def get_token(self, *scopes, **_):
        self.scopes.append(scopes)
        return AccessToken(self.token, int(time.time()) + 3600)


def connect(url, authority, token):
    credential = Static(token)
    client = SecretClient(
        vault_url=url,
        credential=credential,
        verify_challenge_resource=False,
        connection_verify=authority,
        retry_total=0,
    )
    return client, credential


def refused(status, code, words, call):
    try:
        call()
    except HttpResponseError as error:
        assert error.status_code == status, error
        assert error.error.code == code, error
        assert words in str(error), error
    else:
        raise AssertionError(f"nobody refused: {words}")


def versions(client):
    pages = [list(page) for page in client.list_properties_of_secret_versions(NAME).by_page()]
    assert [len(page) for page in pages] == [2, 2, 1], pages
    listed = [version for page in pages for version in page]
    names = [version.version for version in listed]
    assert names == sorted(names) and len(set(names)) == 5, names
    made = sorted(listed, key=lambda version: version.created_on)
    assert [version.created_on.timestamp() for version in made] == [1767225600 + day * 86400 for day in range(5)]
    assert [version.enabled for version in made] == [True, False, True, True, True]
    assert made[2].expires_on.timestamp() == 1768000000 and made[2].not_before.timestamp() == 1767000000
    assert made[3].tags == {"ampora": "4.2"}, made[3].tags
    assert all(version.recovery_level == "Recoverable" for version in made)
    assert all(version.recoverable_days == 90 for version in made)
    assert [page for page in client.list_properties_of_secret_versions("other")] == []
    return [version.version for version in made]


def values(client, made):
    for number in (1, 3, 4, 5):
        secret = client.get_secret(NAME, made[number - 1])
        assert secret.value == f"value-of-version-{number}"
        assert secret.properties.version == made[number - 1]
    assert client.get_secret(NAME).properties.version == made[4]
    words = "not allowed on a disabled secret"
    refused(403, "Forbidden", words, lambda: client.get_secret(NAME, made[1]))
    refused(404, "SecretNotFound", "was not found", lambda: client.get_secret(NAME, "0" * 32))
    refused(404, "SecretNotFound", "was not found", lambda: client.get_secret("other"))
    refused(404, "SecretNotFound", "not found", lambda: client.get_deleted_secret(NAME))


def deleted(client):
    secret = client.get_deleted_secret(NAME)
    assert secret.deleted_date.timestamp() == 1770000000, secret
    assert secret.scheduled_purge_date.timestamp() == 1777776000, secret
    refused(404, "SecretNotFound", "recently deleted", lambda: client.get_secret(NAME))
    assert list(client.list_properties_of_secret_versions(NAME)) == []


part, url, authority, token = sys.argv[1:]
client, credential = connect(url, authority, token)
if part == "asked":
    values(client, versions(client))
    # It asked for a token only after the vault had said what for.
    assert credential.scopes and all(scopes == ("https://vault.azure.net/.default",) for scopes in credential.scopes)
elif part == "deleted":
    deleted(client)
elif part == "denied":
    refused(403, "Forbidden", "not authorized to perform action", lambda: client.get_secret(NAME))
    refused(403, "Forbidden", "not authorized", lambda: list(client.list_properties_of_secret_versions(NAME)))
elif part == "stranger":
    refused(401, "Unauthorized", "Error validating token", lambda: client.get_secret(NAME))
else:
    raise AssertionError(part)
