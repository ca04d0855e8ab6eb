using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Capstan.Data;

/// <summary>
/// One row, as a server has it: a chain of fused multiply-adds waits four cycles for each step, so that eight chains side by side (64 columns)
/// take as long as the two of a narrower tile.
/// </summary>
unsafe partial struct TiledProduct
{
    readonly void RunSingle<TFinish>(int columns)
        where TFinish : struct, ITileFinish
    {
        var column = 0;
        for (; columns - column >= 64; column += 64)
        {
            Tile1x64<TFinish>(column);
        }

        for (; columns - column >= 32; column += 32)
        {
            Tile1x32<TFinish>(column);
        }

        for (; columns - column >= 16; column += 16)
        {
            Tile1x16<TFinish>(0, column);
        }

        if (column < columns)
        {
            Tile1x8<TFinish>(0, column);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile1x64<TFinish>(int column)
        where TFinish : struct, ITileFinish
    {
        var (a, b, c, d) = (Begin(column), Begin(column + 8), Begin(column + 16), Begin(column + 24));
        var (e, f, g, h) = (Begin(column + 32), Begin(column + 40), Begin(column + 48), Begin(column + 56));
        var w = W + column;
        var x = X;
        for (var left = Depth; left > 0; left--)
        {
            var value = Vector256.Create(*x);
            a = Vector256.FusedMultiplyAdd(value, Vector256.Load(w), a);
            b = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 8), b);
            c = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 16), c);
            d = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 24), d);
            e = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 32), e);
            f = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 40), f);
            g = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 48), g);
            h = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 56), h);
            w += WStride;
            x += XColumnStride;
        }

        End<TFinish>(a, column);
        End<TFinish>(b, column + 8);
        End<TFinish>(c, column + 16);
        End<TFinish>(d, column + 24);
        End<TFinish>(e, column + 32);
        End<TFinish>(f, column + 40);
        End<TFinish>(g, column + 48);
        End<TFinish>(h, column + 56);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly void Tile1x32<TFinish>(int column)
        where TFinish : struct, ITileFinish
    {
        var (a, b, c, d) = (Begin(column), Begin(column + 8), Begin(column + 16), Begin(column + 24));
        var w = W + column;
        var x = X;
        for (var left = Depth; left > 0; left--)
        {
            var value = Vector256.Create(*x);
            a = Vector256.FusedMultiplyAdd(value, Vector256.Load(w), a);
            b = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 8), b);
            c = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 16), c);
            d = Vector256.FusedMultiplyAdd(value, Vector256.Load(w + 24), d);
            w += WStride;
            x += XColumnStride;
        }

        End<TFinish>(a, column);
        End<TFinish>(b, column + 8);
        End<TFinish>(c, column + 16);
        End<TFinish>(d, column + 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly Vector256<float> Begin(int column) => Start is null ? Vector256<float>.Zero : Vector256.Load(Start + column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly void End<TFinish>(Vector256<float> sums, int column)
        where TFinish : struct, ITileFinish => Store<TFinish>(sums, TFinish.ReadsGate ? Gate + column : null, Y + column);
}
