using System.Collections.Immutable;
using System.Text;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>Trees growing in LightGBM, one at a time.</summary>
sealed unsafe class Booster : IDisposable
{
    readonly BoosterHandle _handle;
    readonly FeatureLayout _features;
    readonly ImmutableArray<float> _missingValues;

    /// <param name="missingValues">What was laid as NaN, as in <see cref="TreeEnsemble.MissingValues"/>.</param>
    public Booster(BinnedRows train, string parameters, FeatureLayout features, ImmutableArray<float> missingValues)
    {
        LightGbmException.Check(NativeLightGbm.LGBM_BoosterCreate(train.Handle, parameters, out var handle));
        _handle = new BoosterHandle(handle);
        (_features, _missingValues) = (features, missingValues);
    }

    public void AddValidation(BinnedRows rows) =>
        LightGbmException.Check(NativeLightGbm.LGBM_BoosterAddValidData(_handle, rows.Handle));

    /// <summary>One tree more for every score.</summary>
    /// <returns>False if no split of any leaf was worth it, so that nothing was added.</returns>
    public bool Grow()
    {
        LightGbmException.Check(NativeLightGbm.LGBM_BoosterUpdateOneIter(_handle, out var isFinished));
        return isFinished == 0;
    }

    /// <summary>Predictions of rows that it follows, with the bits of any number of threads.</summary>
    /// <param name="place">Of the rows among those added, from 1.</param>
    /// <param name="predictions">[rows × classes], overwritten, class after class: values or probabilities.</param>
    public void Predictions(int place, double[] predictions)
    {
        fixed (double* all = predictions)
        {
            LightGbmException.Check(NativeLightGbm.LGBM_BoosterGetPredict(_handle, place, out _, all));
        }
    }

    /// <param name="trees">Only the first ones, for each score.</param>
    public TreeEnsemble Freeze(int trees) =>
        trees == 0 ? TreeEnsemble.Constant(_features) : LightGbmModelText.Read(Text(trees), _features, _missingValues);

    /// <summary>One tree for each score.</summary>
    /// <param name="index">Which of those it has grown, from 0.</param>
    public TreeEnsemble Tree(int index) => LightGbmModelText.Read(Text(1, index), _features, _missingValues);

    /// <summary>The model as LightGBM saves it.</summary>
    /// <param name="trees">1 or more: the library takes 0 for all.</param>
    public string Text(int trees, int first = 0)
    {
        LightGbmException.Check(NativeLightGbm.LGBM_BoosterSaveModelToString(_handle, first, trees, 0, 0, out var bytes, null));
        var text = new byte[bytes];
        fixed (byte* buffer = text)
        {
            LightGbmException.Check(
                NativeLightGbm.LGBM_BoosterSaveModelToString(_handle, first, trees, 0, bytes, out _, buffer));
        }

        return Encoding.UTF8.GetString(text.AsSpan(0, text.Length - 1)); // it ends with a zero
    }

    public void Dispose() => _handle.Dispose();
}
