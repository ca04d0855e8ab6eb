using System.Buffers;
using System.Buffers.Binary;

namespace Capstan.Serving;

/// <summary>The prefix of a message in gRPC: whether it is compressed, and its length in four bytes.</summary>
/// <remarks>Source: grpc/grpc, doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message".</remarks>
static class GrpcFrame
{
    public const int PrefixBytes = 5;

    /// <summary>Begins a message whose length is not known yet.</summary>
    public static void Begin(ProtobufWriter message)
    {
        message.Clear();
        message.WriteByte(0);
        message.WriteFixed32(0);
    }

    /// <returns>The message behind its prefix.</returns>
    public static ReadOnlyMemory<byte> End(ProtobufWriter message)
    {
        message.PutBigEndian(1, (uint)(message.Written.Length - PrefixBytes));
        return message.Written;
    }

    /// <summary>The one message of a request's body.</summary>
    /// <exception cref="RefusedRequestException">It is compressed, or its length is another.</exception>
    public static ReadOnlySequence<byte> MessageOf(in ReadOnlySequence<byte> body)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (body.Length < PrefixBytes)
        {
            throw new RefusedRequestException(GrpcProblems.NotOneMessage(body.Length));
        }

        body.Slice(0, PrefixBytes).CopyTo(prefix);
        if (prefix[0] != 0)
        {
            throw new RefusedRequestException(GrpcProblems.Compressed());
        }

        return BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]) == body.Length - PrefixBytes
            ? body.Slice(PrefixBytes)
            : throw new RefusedRequestException(GrpcProblems.NotOneMessage(body.Length));
    }
}
