using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Capstan.Service.Tests.Access;

public sealed class OidcTokensTests : IDisposable
{
    const string Issuer = "https://login.example.com";

    static readonly string[] Audiences = ["other", "capstan"];

    readonly RSA _rsa = RSA.Create(2048);
    readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly Clock _clock = new();
    readonly OidcTokens _tokens;

    public OidcTokensTests() => _tokens = new OidcTokens(Issuer, "capstan", _clock, new HttpClient(new IssuerDouble(_rsa, _curve)));

    static CancellationToken None => CancellationToken.None;

    long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task A_token_speaks_for_its_verified_address_or_its_subject()
    {
        Assert.Equal("user:ana@example.com", await _tokens.MemberOfAsync(Token(new { iss = Issuer, aud = "capstan", exp = Now + 60, sub = "1", email = "ana@example.com", email_verified = true }), None));
        Assert.Equal("serviceAccount:1", await _tokens.MemberOfAsync(Token(new { iss = Issuer, aud = Audiences, exp = Now + 60, sub = "1", email = "ana@example.com" }, "ES256"), None));
    }

    [Fact]
    public async Task Anything_else_is_refused()
    {
        var good = new { iss = Issuer, aud = "capstan", exp = Now + 600, sub = "1" };
        var token = Token(good);
        string[] wrong =
        [
            "", "a.b", "a.b.c", token[..^4] + "AAAA", token.Split('.')[0] + "." + Encode(new { iss = Issuer, aud = "capstan", exp = Now + 600, sub = "2" }) + "." + token.Split('.')[2],
            Token(new { iss = "https://evil.example.com", aud = "capstan", exp = Now + 60, sub = "1" }),
            Token(new { iss = Issuer, aud = "other", exp = Now + 60, sub = "1" }),
            Token(new { iss = Issuer, aud = "capstan", exp = Now - 3600, sub = "1" }),
            Token(new { iss = Issuer, aud = "capstan", sub = "1" }),
            Token(new { iss = Issuer, aud = "capstan", exp = Now + 600, nbf = Now + 300, sub = "1" }),
            $"{Encode(new { alg = "none", kid = "RS256" })}.{Encode(good)}.",
            $"{Encode(new { alg = "HS256", kid = "RS256" })}.{Encode(good)}.{Base64Url.EncodeToString(HMACSHA256.HashData(_rsa.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes("x")))}",
            Token(good, "RS256", keyId: "unknown"),
        ];
        foreach (var each in wrong)
        {
            Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<ServiceException>(() => _tokens.MemberOfAsync(each, None))).Code);
        }
    }

    [Fact]
    public async Task A_token_ends_with_its_time()
    {
        var token = Token(new { iss = Issuer, aud = "capstan", exp = Now + 60, sub = "1" });
        await _tokens.MemberOfAsync(token, None);
        _clock.Advance(TimeSpan.FromMinutes(3));
        await Assert.ThrowsAsync<ServiceException>(() => _tokens.MemberOfAsync(token, None));
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _rsa.Dispose();
        _curve.Dispose();
    }

    string Token(object claims, string algorithm = "RS256", string? keyId = null)
    {
        var signed = $"{Encode(new { alg = algorithm, kid = keyId ?? algorithm })}.{Encode(claims)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = algorithm == "RS256" ? _rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : _curve.SignData(bytes, HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    static string Encode(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    sealed class Clock : TimeProvider
    {
        DateTimeOffset _now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan time) => _now += time;
    }

    /// <summary>Publishes one key of each kind.</summary>
    sealed class IssuerDouble(RSA rsa, ECDsa curve) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (numbers, point) = (rsa.ExportParameters(false), curve.ExportParameters(false).Q);
            object document = request.RequestUri!.AbsolutePath == "/.well-known/openid-configuration"
                ? new { issuer = Issuer, jwks_uri = $"{Issuer}/keys" }
                : new
                {
                    keys = new object[]
                    {
                        new { kty = "RSA", kid = "RS256", n = Base64Url.EncodeToString(numbers.Modulus), e = Base64Url.EncodeToString(numbers.Exponent) },
                        new { kty = "EC", crv = "P-256", kid = "ES256", x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) },
                    },
                };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(document)) });
        }
    }
}
