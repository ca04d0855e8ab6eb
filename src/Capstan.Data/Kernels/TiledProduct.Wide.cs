using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>Tiles of 16 columns, one method per height: all sums of a tile are locals, so that they stay in registers.</summary>
unsafe partial struct TiledProduct
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile6x16<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var (s0a, s0b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var (s1a, s1b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var (s2a, s2b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var (s3a, s3b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var (s4a, s4b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var (s5a, s5b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        if (Start is not null)
        {
            var start = Start + row * StartStride + column;
            s0a = Vector256.Load(start);
            s0b = Vector256.Load(start + 8);
            start += StartStride;
            s1a = Vector256.Load(start);
            s1b = Vector256.Load(start + 8);
            start += StartStride;
            s2a = Vector256.Load(start);
            s2b = Vector256.Load(start + 8);
            start += StartStride;
            s3a = Vector256.Load(start);
            s3b = Vector256.Load(start + 8);
            start += StartStride;
            s4a = Vector256.Load(start);
            s4b = Vector256.Load(start + 8);
            start += StartStride;
            s5a = Vector256.Load(start);
            s5b = Vector256.Load(start + 8);
        }

        var x0 = X + row * XRowStride;
        var x1 = x0 + XRowStride;
        var x2 = x1 + XRowStride;
        var x3 = x2 + XRowStride;
        var x4 = x3 + XRowStride;
        var x5 = x4 + XRowStride;
        var w = W + column;
        nint x = 0;
        for (var left = Depth; left > 0; left--)
        {
            var wa = Vector256.Load(w);
            var wb = Vector256.Load(w + 8);
            var value = Vector256.Create(x0[x]);
            s0a = Vector256.FusedMultiplyAdd(value, wa, s0a);
            s0b = Vector256.FusedMultiplyAdd(value, wb, s0b);
            value = Vector256.Create(x1[x]);
            s1a = Vector256.FusedMultiplyAdd(value, wa, s1a);
            s1b = Vector256.FusedMultiplyAdd(value, wb, s1b);
            value = Vector256.Create(x2[x]);
            s2a = Vector256.FusedMultiplyAdd(value, wa, s2a);
            s2b = Vector256.FusedMultiplyAdd(value, wb, s2b);
            value = Vector256.Create(x3[x]);
            s3a = Vector256.FusedMultiplyAdd(value, wa, s3a);
            s3b = Vector256.FusedMultiplyAdd(value, wb, s3b);
            value = Vector256.Create(x4[x]);
            s4a = Vector256.FusedMultiplyAdd(value, wa, s4a);
            s4b = Vector256.FusedMultiplyAdd(value, wb, s4b);
            value = Vector256.Create(x5[x]);
            s5a = Vector256.FusedMultiplyAdd(value, wa, s5a);
            s5b = Vector256.FusedMultiplyAdd(value, wb, s5b);
            w += WStride;
            x += XColumnStride;
        }

        var y = Y + row * YStride + column;
        var gate = TFinish.ReadsGate ? Gate + row * GateStride + column : null;
        Store<TFinish>(s0a, gate, y);
        Store<TFinish>(s0b, gate + 8, y + 8);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s1a, gate, y);
        Store<TFinish>(s1b, gate + 8, y + 8);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s2a, gate, y);
        Store<TFinish>(s2b, gate + 8, y + 8);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s3a, gate, y);
        Store<TFinish>(s3b, gate + 8, y + 8);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s4a, gate, y);
        Store<TFinish>(s4b, gate + 8, y + 8);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s5a, gate, y);
        Store<TFinish>(s5b, gate + 8, y + 8);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile4x16<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var (s0a, s0b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var (s1a, s1b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var (s2a, s2b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var (s3a, s3b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        if (Start is not null)
        {
            var start = Start + row * StartStride + column;
            s0a = Vector256.Load(start);
            s0b = Vector256.Load(start + 8);
            start += StartStride;
            s1a = Vector256.Load(start);
            s1b = Vector256.Load(start + 8);
            start += StartStride;
            s2a = Vector256.Load(start);
            s2b = Vector256.Load(start + 8);
            start += StartStride;
            s3a = Vector256.Load(start);
            s3b = Vector256.Load(start + 8);
        }

        var x0 = X + row * XRowStride;
        var x1 = x0 + XRowStride;
        var x2 = x1 + XRowStride;
        var x3 = x2 + XRowStride;
        var w = W + column;
        nint x = 0;
        for (var left = Depth; left > 0; left--)
        {
            var wa = Vector256.Load(w);
            var wb = Vector256.Load(w + 8);
            var value = Vector256.Create(x0[x]);
            s0a = Vector256.FusedMultiplyAdd(value, wa, s0a);
            s0b = Vector256.FusedMultiplyAdd(value, wb, s0b);
            value = Vector256.Create(x1[x]);
            s1a = Vector256.FusedMultiplyAdd(value, wa, s1a);
            s1b = Vector256.FusedMultiplyAdd(value, wb, s1b);
            value = Vector256.Create(x2[x]);
            s2a = Vector256.FusedMultiplyAdd(value, wa, s2a);
            s2b = Vector256.FusedMultiplyAdd(value, wb, s2b);
            value = Vector256.Create(x3[x]);
            s3a = Vector256.FusedMultiplyAdd(value, wa, s3a);
            s3b = Vector256.FusedMultiplyAdd(value, wb, s3b);
            w += WStride;
            x += XColumnStride;
        }

        var y = Y + row * YStride + column;
        var gate = TFinish.ReadsGate ? Gate + row * GateStride + column : null;
        Store<TFinish>(s0a, gate, y);
        Store<TFinish>(s0b, gate + 8, y + 8);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s1a, gate, y);
        Store<TFinish>(s1b, gate + 8, y + 8);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s2a, gate, y);
        Store<TFinish>(s2b, gate + 8, y + 8);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s3a, gate, y);
        Store<TFinish>(s3b, gate + 8, y + 8);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile1x16<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var (s0a, s0b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        if (Start is not null)
        {
            var start = Start + row * StartStride + column;
            s0a = Vector256.Load(start);
            s0b = Vector256.Load(start + 8);
        }

        var x0 = X + row * XRowStride;
        var w = W + column;
        nint x = 0;
        for (var left = Depth; left > 0; left--)
        {
            var wa = Vector256.Load(w);
            var wb = Vector256.Load(w + 8);
            var value = Vector256.Create(x0[x]);
            s0a = Vector256.FusedMultiplyAdd(value, wa, s0a);
            s0b = Vector256.FusedMultiplyAdd(value, wb, s0b);
            w += WStride;
            x += XColumnStride;
        }

        var y = Y + row * YStride + column;
        var gate = TFinish.ReadsGate ? Gate + row * GateStride + column : null;
        Store<TFinish>(s0a, gate, y);
        Store<TFinish>(s0b, gate + 8, y + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store<TFinish>(Vector256<float> sums, float* gate, float* y)
        where TFinish : struct, ITileFinish =>
        TFinish.Finish(sums, TFinish.ReadsGate ? Vector256.Load(gate) : default).Store(y);
}
