using System.Text;
using Google.Protobuf;
using Inference;
using Microsoft.AspNetCore.Http;

namespace Capstan.Serving.Tests.Inference;

/// <summary>The key in a message is the key in the JSON that says the same.</summary>
public sealed class InferKeyTests
{
    static ModelInferRequest.Types.InferInputTensor Tensor(string type, InferTensorContents? contents, params long[] shape) =>
        new() { Name = "customer", Datatype = type, Shape = { shape.Length == 0 ? [2L] : shape }, Contents = contents };

    static ModelInferRequest Of(ModelInferRequest.Types.InferInputTensor tensor, params byte[][] raw)
    {
        var request = new ModelInferRequest
        {
            ModelName = "m", Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "other", Datatype = "INT64", Shape = { 2 } }, tensor },
        };
        request.RawInputContents.Add(raw.Select(bytes => ByteString.CopyFrom(bytes)));
        return request;
    }

    static string? KeyOf(ModelInferRequest request) => InferKey.Of(request.ToByteArray(), "customer");

    static string? KeyInJson(string value) => StickyKey.Parse("field:customer").Of(
        new DefaultHttpContext().Request, Encoding.UTF8.GetBytes($$"""{"instances":[{"other":1,"customer":{{value}}}]}"""));

    static byte[] Text(string text) => [.. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    static readonly byte[] Others = new byte[16];

    [Theory]
    [InlineData("\"Köln\"", "Köln")]
    [InlineData("\"\"", "")]
    public void A_text(string json, string text)
    {
        Assert.Equal(text, KeyInJson(json));
        Assert.Equal(text, KeyOf(Of(Tensor("BYTES", new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8(text), ByteString.CopyFromUtf8("next") } }))));
        Assert.Equal(text, KeyOf(Of(Tensor("BYTES", null), Others, [.. Text(text), .. Text("next")])));
    }

    [Theory]
    [InlineData(0), InlineData(-42), InlineData(long.MaxValue), InlineData(long.MinValue)]
    public void A_whole_number(long number)
    {
        var expected = KeyInJson($"{number}");
        Assert.Equal(expected, KeyOf(Of(Tensor("INT64", new InferTensorContents { Int64Contents = { number, 1 } }))));
        Assert.Equal(expected, KeyOf(Of(Tensor("INT64", null), Others, [.. BitConverter.GetBytes(number), .. BitConverter.GetBytes(1L)])));
        if (number == -42)
        {
            Assert.Equal(expected, KeyOf(Of(Tensor("INT8", null), Others, [unchecked((byte)-42), 1])));
        }
    }

    [Fact]
    public void A_number_beyond_64_bits_with_a_sign() =>
        Assert.Equal("18446744073709551615", KeyOf(Of(Tensor("UINT64", new InferTensorContents { Uint64Contents = { ulong.MaxValue, 1 } }))));

    [Theory]
    [InlineData(2.5, "2.5"), InlineData(7, "7"), InlineData(0.1, "0.1"), InlineData(-12345.25, "-12345.25")]
    public void A_number(double number, string json)
    {
        Assert.Equal(json, KeyInJson(json));
        Assert.Equal(json, KeyOf(Of(Tensor("FP64", new InferTensorContents { Fp64Contents = { number, 1 } }))));
        Assert.Equal(json, KeyOf(Of(Tensor("FP64", null), Others, [.. BitConverter.GetBytes(number), .. BitConverter.GetBytes(1.0)])));
        Assert.Equal(json, KeyOf(Of(Tensor("FP32", new InferTensorContents { Fp32Contents = { (float)number, 1 } }))));
    }

    [Fact]
    public void What_gives_no_key_in_JSON_gives_none_here()
    {
        Assert.Null(KeyInJson("true"));
        Assert.Null(KeyOf(Of(Tensor("BOOL", new InferTensorContents { BoolContents = { true, false } }))));
        Assert.Null(KeyInJson("null"));
        var missing = Tensor("INT64", new InferTensorContents { Int64Contents = { 5, 6 } });
        missing.Parameters["missing"] = new InferParameter { StringParam = "1,0" };
        Assert.Null(KeyOf(Of(missing)));
        missing.Parameters["missing"] = new InferParameter { Int64Param = 0 };
        Assert.Null(KeyOf(Of(missing)));
        missing.Parameters["missing"] = new InferParameter { StringParam = "1" };
        Assert.Equal("5", KeyOf(Of(missing)));
        Assert.Null(KeyInJson("[\"a\",\"b\"]"));
        Assert.Null(KeyOf(Of(Tensor("BYTES", new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("a"), ByteString.CopyFromUtf8("b") } }, 1, 2))));
        Assert.Null(KeyOf(new ModelInferRequest { ModelName = "m" }));
        Assert.Null(KeyOf(Of(Tensor("INT64", new InferTensorContents(), 0))));
        Assert.Null(KeyOf(Of(Tensor("DECIMAL", new InferTensorContents { Int64Contents = { 5 } }))));
        Assert.Null(KeyOf(Of(Tensor("FP64", new InferTensorContents { Fp64Contents = { double.NaN } }))));
        Assert.Null(KeyOf(Of(Tensor("BYTES", new InferTensorContents { BytesContents = { ByteString.CopyFrom(0xFF) } }))));
    }

    [Fact]
    public void A_broken_message_gives_none_and_no_harm()
    {
        var whole = Of(Tensor("BYTES", new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("Köln") } })).ToByteArray();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Null(InferKey.Of(whole.AsSpan(0, length), "customer"));
        }

        Assert.Equal("Köln", InferKey.Of(whole, "customer"));
    }
}
