using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>The tiles, one method per height and width: all sums of a tile are locals, so that they stay in registers.</summary>
unsafe partial struct TiledProduct
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile6x16<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var s0a = StartAt(row, column);
        var s0b = StartAt(row, column + 8);
        var s1a = StartAt(row + 1, column);
        var s1b = StartAt(row + 1, column + 8);
        var s2a = StartAt(row + 2, column);
        var s2b = StartAt(row + 2, column + 8);
        var s3a = StartAt(row + 3, column);
        var s3b = StartAt(row + 3, column + 8);
        var s4a = StartAt(row + 4, column);
        var s4b = StartAt(row + 4, column + 8);
        var s5a = StartAt(row + 5, column);
        var s5b = StartAt(row + 5, column + 8);
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

        StoreAt<TFinish>(row, column, s0a);
        StoreAt<TFinish>(row, column + 8, s0b);
        StoreAt<TFinish>(row + 1, column, s1a);
        StoreAt<TFinish>(row + 1, column + 8, s1b);
        StoreAt<TFinish>(row + 2, column, s2a);
        StoreAt<TFinish>(row + 2, column + 8, s2b);
        StoreAt<TFinish>(row + 3, column, s3a);
        StoreAt<TFinish>(row + 3, column + 8, s3b);
        StoreAt<TFinish>(row + 4, column, s4a);
        StoreAt<TFinish>(row + 4, column + 8, s4b);
        StoreAt<TFinish>(row + 5, column, s5a);
        StoreAt<TFinish>(row + 5, column + 8, s5b);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile6x8<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var s0 = StartAt(row, column);
        var s1 = StartAt(row + 1, column);
        var s2 = StartAt(row + 2, column);
        var s3 = StartAt(row + 3, column);
        var s4 = StartAt(row + 4, column);
        var s5 = StartAt(row + 5, column);
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
            var value = Vector256.Create(x0[x]);
            s0 = Vector256.FusedMultiplyAdd(value, wa, s0);
            value = Vector256.Create(x1[x]);
            s1 = Vector256.FusedMultiplyAdd(value, wa, s1);
            value = Vector256.Create(x2[x]);
            s2 = Vector256.FusedMultiplyAdd(value, wa, s2);
            value = Vector256.Create(x3[x]);
            s3 = Vector256.FusedMultiplyAdd(value, wa, s3);
            value = Vector256.Create(x4[x]);
            s4 = Vector256.FusedMultiplyAdd(value, wa, s4);
            value = Vector256.Create(x5[x]);
            s5 = Vector256.FusedMultiplyAdd(value, wa, s5);
            w += WStride;
            x += XColumnStride;
        }

        StoreAt<TFinish>(row, column, s0);
        StoreAt<TFinish>(row + 1, column, s1);
        StoreAt<TFinish>(row + 2, column, s2);
        StoreAt<TFinish>(row + 3, column, s3);
        StoreAt<TFinish>(row + 4, column, s4);
        StoreAt<TFinish>(row + 5, column, s5);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile4x16<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var s0a = StartAt(row, column);
        var s0b = StartAt(row, column + 8);
        var s1a = StartAt(row + 1, column);
        var s1b = StartAt(row + 1, column + 8);
        var s2a = StartAt(row + 2, column);
        var s2b = StartAt(row + 2, column + 8);
        var s3a = StartAt(row + 3, column);
        var s3b = StartAt(row + 3, column + 8);
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

        StoreAt<TFinish>(row, column, s0a);
        StoreAt<TFinish>(row, column + 8, s0b);
        StoreAt<TFinish>(row + 1, column, s1a);
        StoreAt<TFinish>(row + 1, column + 8, s1b);
        StoreAt<TFinish>(row + 2, column, s2a);
        StoreAt<TFinish>(row + 2, column + 8, s2b);
        StoreAt<TFinish>(row + 3, column, s3a);
        StoreAt<TFinish>(row + 3, column + 8, s3b);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile4x8<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var s0 = StartAt(row, column);
        var s1 = StartAt(row + 1, column);
        var s2 = StartAt(row + 2, column);
        var s3 = StartAt(row + 3, column);
        var x0 = X + row * XRowStride;
        var x1 = x0 + XRowStride;
        var x2 = x1 + XRowStride;
        var x3 = x2 + XRowStride;
        var w = W + column;
        nint x = 0;
        for (var left = Depth; left > 0; left--)
        {
            var wa = Vector256.Load(w);
            var value = Vector256.Create(x0[x]);
            s0 = Vector256.FusedMultiplyAdd(value, wa, s0);
            value = Vector256.Create(x1[x]);
            s1 = Vector256.FusedMultiplyAdd(value, wa, s1);
            value = Vector256.Create(x2[x]);
            s2 = Vector256.FusedMultiplyAdd(value, wa, s2);
            value = Vector256.Create(x3[x]);
            s3 = Vector256.FusedMultiplyAdd(value, wa, s3);
            w += WStride;
            x += XColumnStride;
        }

        StoreAt<TFinish>(row, column, s0);
        StoreAt<TFinish>(row + 1, column, s1);
        StoreAt<TFinish>(row + 2, column, s2);
        StoreAt<TFinish>(row + 3, column, s3);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile1x16<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var s0a = StartAt(row, column);
        var s0b = StartAt(row, column + 8);
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

        StoreAt<TFinish>(row, column, s0a);
        StoreAt<TFinish>(row, column + 8, s0b);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile1x8<TFinish>(int row, int column)
        where TFinish : struct, ITileFinish
    {
        var s0 = StartAt(row, column);
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

        StoreAt<TFinish>(row, column, s0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly Vector256<float> StartAt(int row, int column) =>
        Start is null ? Vector256<float>.Zero : Vector256.Load(Start + row * StartStride + column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void StoreAt<TFinish>(int row, int column, Vector256<float> sums)
        where TFinish : struct, ITileFinish
    {
        var gate = TFinish.ReadsGate ? Vector256.Load(Gate + row * GateStride + column) : default;
        TFinish.Finish(sums, gate).Store(Y + row * YStride + column);
    }
}
