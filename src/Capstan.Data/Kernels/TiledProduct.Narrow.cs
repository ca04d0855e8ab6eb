using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>Tiles of 8 columns, for what is left beside those of 16.</summary>
unsafe partial struct TiledProduct
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile6x8<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var s0 = Vector256<float>.Zero;
        var s1 = Vector256<float>.Zero;
        var s2 = Vector256<float>.Zero;
        var s3 = Vector256<float>.Zero;
        var s4 = Vector256<float>.Zero;
        var s5 = Vector256<float>.Zero;
        if (Start is not null)
        {
            var start = Start + row * StartStride + column;
            s0 = Vector256.Load(start);
            start += StartStride;
            s1 = Vector256.Load(start);
            start += StartStride;
            s2 = Vector256.Load(start);
            start += StartStride;
            s3 = Vector256.Load(start);
            start += StartStride;
            s4 = Vector256.Load(start);
            start += StartStride;
            s5 = Vector256.Load(start);
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
            s0 = Vector256.FusedMultiplyAdd(Vector256.Create(x0[x]), wa, s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Create(x1[x]), wa, s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Create(x2[x]), wa, s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Create(x3[x]), wa, s3);
            s4 = Vector256.FusedMultiplyAdd(Vector256.Create(x4[x]), wa, s4);
            s5 = Vector256.FusedMultiplyAdd(Vector256.Create(x5[x]), wa, s5);
            w += WStride;
            x += XColumnStride;
        }

        var y = Y + row * YStride + column;
        var gate = TFinish.ReadsGate ? Gate + row * GateStride + column : null;
        Store<TFinish>(s0, gate, y);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s1, gate, y);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s2, gate, y);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s3, gate, y);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s4, gate, y);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s5, gate, y);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile4x8<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var s0 = Vector256<float>.Zero;
        var s1 = Vector256<float>.Zero;
        var s2 = Vector256<float>.Zero;
        var s3 = Vector256<float>.Zero;
        if (Start is not null)
        {
            var start = Start + row * StartStride + column;
            s0 = Vector256.Load(start);
            start += StartStride;
            s1 = Vector256.Load(start);
            start += StartStride;
            s2 = Vector256.Load(start);
            start += StartStride;
            s3 = Vector256.Load(start);
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
            s0 = Vector256.FusedMultiplyAdd(Vector256.Create(x0[x]), wa, s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Create(x1[x]), wa, s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Create(x2[x]), wa, s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Create(x3[x]), wa, s3);
            w += WStride;
            x += XColumnStride;
        }

        var y = Y + row * YStride + column;
        var gate = TFinish.ReadsGate ? Gate + row * GateStride + column : null;
        Store<TFinish>(s0, gate, y);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s1, gate, y);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s2, gate, y);
        y += YStride;
        gate += GateStride;
        Store<TFinish>(s3, gate, y);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile1x8<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var s0 = Vector256<float>.Zero;
        if (Start is not null)
        {
            var start = Start + row * StartStride + column;
            s0 = Vector256.Load(start);
        }

        var x0 = X + row * XRowStride;
        var w = W + column;
        nint x = 0;
        for (var left = Depth; left > 0; left--)
        {
            var wa = Vector256.Load(w);
            s0 = Vector256.FusedMultiplyAdd(Vector256.Create(x0[x]), wa, s0);
            w += WStride;
            x += XColumnStride;
        }

        var y = Y + row * YStride + column;
        var gate = TFinish.ReadsGate ? Gate + row * GateStride + column : null;
        Store<TFinish>(s0, gate, y);
    }
}
