"""Which addresses may be called: a table of those that may not."""

from ipaddress import ip_address, ip_network

import pytest

from webhooks.engine.targets import NotAllowed, check_address, read_target

REFUSED_HOSTS = [
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://0xA9FEA9FE/",
    "http://0300.0250.1.1/",
    "http://0xc0.0xa8.0x1.0x1/",
    "http:/\\example.com",
    "http://127.0.1/",
    "http://1.2.3.4.5/",
    "http://999.1.1.1/",
    "http://example.1/",
    "http://[fe80::1%25eth0]/",
    "http://[::1/",
    "http://[v1.x]/",
    "http://user@example.com/",
    "http://user:secret@example.com/",
    "http://exa mple.com/",
    "http://example.com/a b",
    "http://example.com\\@evil.com/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:http/",
    "http://-example.com/",
    "http://exa..mple.com/",
    "http:///path",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "example.com",
    "//example.com/",
    "http://example.com/ä",
    "http://example.com/" + "a" * 2_048,
]
REFUSED_ADDRESSES = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3"),  # noqa: S104 - refused
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16"),
    *("100.64.0.1", "192.0.0.192", "198.18.0.1", "192.0.2.1", "203.0.113.1"),
    *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
    *("::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
    *("64:ff9b:1::a00:1", "64:ff9b:1::808:808", "100::1", "100:0:0:1::1", "5f00::1"),
    *("3fff::1", "2001:20::1", "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a00:1"),
    *("2002:c0a8:101::1", "::ffff:0:10.0.0.1", "::10.0.0.1", "198.51.100.1"),
    *("2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "fec0::1"),
]


@pytest.mark.parametrize("url", REFUSED_HOSTS)
def test_what_is_no_plain_url_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed, match=r"^must "):
        read_target(url)


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_an_address_that_is_not_out_in_the_world_is_refused(address: str) -> None:
    with pytest.raises(NotAllowed, match="not a public address"):
        check_address(ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "8.8.8.8",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_a_public_address_is_allowed(address: str) -> None:
    check_address(ip_address(address), ())


def test_an_address_inside_an_allowed_network_is_allowed() -> None:
    allowed = [ip_network("127.0.0.0/8")]

    check_address(ip_address("127.0.0.1"), allowed)
    check_address(ip_address("::ffff:127.0.0.1"), allowed)
    with pytest.raises(NotAllowed):
        check_address(ip_address("10.0.0.1"), allowed)


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://Example.COM/a?b=1#c", "example.com", 443, "/a?b=1", "example.com"),
        ("http://example.com.:8080", "example.com", 8080, "/", "example.com:8080"),
        ("http://\uff11\uff12\uff17.0.0.1/", "127.0.0.1", 80, "/", "127.0.0.1"),
        ("http://b\u00fccher.example/", "xn--bcher-kva.example", 80, "/", None),
        ("http://\u2460\u2461\u2466.0.0.1/", "127.0.0.1", 80, "/", "127.0.0.1"),
        ("http://127\u30020\u30020\u30021/", "127.0.0.1", 80, "/", "127.0.0.1"),
        ("http://127.0.0.1./", "127.0.0.1", 80, "/", "127.0.0.1"),
        ("http://[::ffff:7f00:1]/", "::ffff:7f00:1", 80, "/", "[::ffff:7f00:1]"),
        ("http://[0:0::1]:81/", "::1", 81, "/", "[::1]:81"),
    ],
)
def test_a_url_is_read(
    url: str, host: str, port: int, path: str, authority: str | None
) -> None:
    target = read_target(url)

    assert (target.host, target.port, target.path) == (host, port, path)
    assert target.authority == (authority or host)


def test_a_host_that_is_an_address_is_known_as_one() -> None:
    assert read_target("http://[::1]/").literal == ip_address("::1")
    assert read_target("http://example.com/").literal is None
