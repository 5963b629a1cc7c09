from ipaddress import ip_address

import pytest

from digest.errors import AddressRefused
from digest.net.address import check, is_public, split


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://Example.ORG", "https://example.org/"),
        ("HTTP://example.org:80/feed?x=1#top", "http://example.org/feed?x=1"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://example.org./feed", "https://example.org/feed"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://my_blog.example/", "https://my_blog.example/"),
        ("https://[2001:DB8:0::1]:443/", "https://[2001:db8::1]/"),
        ("https://medium.example/@ann", "https://medium.example/@ann"),
    ],
)
def test_an_acceptable_address_is_respelled_in_one_way(url: str, canonical: str) -> None:
    assert split(url).url == canonical


def test_the_parts_are_what_is_connected_to() -> None:
    target = split("https://[::1]:8443/")
    assert (target.scheme, target.host, target.port) == ("https", "::1", 8443)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/feed",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
        "https://",
        "https:///feed",
        "https://user:secret@example.org/",
        "https://user@example.org/",
        "https://example.org@evil.example/",
        "https://exam ple.org/",
        "https://example.org/\r\nHost: x",
        "https://example.org\\@evil.example/",
        "https://example.org/\x00",
        "https://example.org/\x85",
        "https://example.org:99999/",
        "https://example.org:port/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[1:2]/",
        "https://ex..ample/",
        "https://-/",
        "https://xn--\u0378.example/",
    ],
)
def test_an_address_that_could_mislead_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        split(url)


def test_a_password_in_an_address_is_not_repeated_in_the_error() -> None:
    with pytest.raises(AddressRefused) as refused:
        split("https://ann:tr0ub4dor@example.org/ feed")
    assert "tr0ub4dor" not in str(refused.value)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_ordinary_server_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_inside_or_special_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


def test_one_private_address_among_public_ones_refuses_the_host() -> None:
    with pytest.raises(AddressRefused, match=r"feeds\.allow_private = true"):
        check("rebind.example", ["93.184.216.34", "10.0.0.1"], allow_private=False)


def test_public_addresses_pass_and_private_ones_when_allowed() -> None:
    check("example.org", ["93.184.216.34", "2606:4700::1111"], allow_private=False)
    check("nas.local", ["192.168.1.9", "::1", "::ffff:10.0.0.1"], allow_private=True)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"]
)
def test_where_clouds_keep_credentials_is_refused_even_when_private_is_allowed(address: str) -> None:
    with pytest.raises(AddressRefused, match="never holds a feed"):
        check("metadata.example", [address], allow_private=True)
