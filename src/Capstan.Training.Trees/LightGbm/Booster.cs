using System.Runtime.InteropServices;
using System.Text;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Trees;

/// <summary>Trees growing in LightGBM, one at a time.</summary>
sealed unsafe class Booster : IDisposable
{
    readonly BoosterHandle _handle;
    readonly FeatureLayout _features;

    public Booster(BinnedRows train, string parameters, FeatureLayout features)
    {
        LightGbmException.Check(NativeLightGbm.LGBM_BoosterCreate(train.Handle, parameters, out var handle));
        _handle = new BoosterHandle(handle);
        _features = features;
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

    /// <summary>The mean loss of the training rows; its last bits depend on the number of threads.</summary>
    public double TrainingLoss()
    {
        double loss;
        LightGbmException.Check(NativeLightGbm.LGBM_BoosterGetEval(_handle, 0, out _, &loss));
        return loss;
    }

    /// <summary>Predictions of the validation rows, with the bits of any number of threads.</summary>
    /// <param name="predictions">[rows × classes], pinned, overwritten, class after class: values or probabilities.</param>
    public void PredictValidation(double[] predictions) => LightGbmException.Check(NativeLightGbm.LGBM_BoosterGetPredict(
        _handle, 1, out _, (double*)Marshal.UnsafeAddrOfPinnedArrayElement(predictions, 0)));

    /// <param name="trees">Only the first ones.</param>
    public TreeEnsemble Freeze(int trees) => LightGbmModelText.Read(Text(trees), _features);

    /// <summary>The model as LightGBM saves it.</summary>
    public string Text(int trees)
    {
        LightGbmException.Check(NativeLightGbm.LGBM_BoosterSaveModelToString(_handle, 0, trees, 0, 0, out var bytes, null));
        var text = new byte[bytes];
        fixed (byte* buffer = text)
        {
            LightGbmException.Check(
                NativeLightGbm.LGBM_BoosterSaveModelToString(_handle, 0, trees, 0, bytes, out _, buffer));
        }

        return Encoding.UTF8.GetString(text.AsSpan(0, text.Length - 1)); // it ends with a zero
    }

    public void Dispose() => _handle.Dispose();
}
