using System.Runtime.InteropServices;
using Capstan.Features;
using Capstan.Models;

namespace Capstan.Training.Trees.Tests;

/// <summary>The oracle: LightGBM's own data set of a matrix in memory, training and prediction, called directly.</summary>
sealed unsafe partial class NativeModel : IDisposable
{
    readonly BoosterHandle _handle;

    readonly float _missing;

    NativeModel(string text, nint handle, float missing)
    {
        (Text, _missing) = (text, missing);
        _handle = new BoosterHandle(handle);
    }

    public string Text { get; }

    /// <summary>Trees from a matrix in memory.</summary>
    /// <param name="missing">A value of the first number that LightGBM is given as NaN.</param>
    public static NativeModel Train(TrainingBatch batch, Loss loss, BoostedTreesOptions options, float missing = float.NaN)
    {
        LightGbmLibrary.Load();
        using var threads = NativeThreads.Hold(options.Threads);
        var parameters = LightGbmParameters.Of(options, options.Seed, new LightGbmObjective(loss), batch.Features.Layout, threads.Count);
        var rows = Lay(batch.Features, missing);
        nint dataset;
        fixed (double* values = rows)
        {
            LightGbmException.Check(LGBM_DatasetCreateFromMat(
                values, NativeLightGbm.Float64, batch.RowCount, rows.Length / batch.RowCount, 1, parameters, 0, out dataset));
        }

        using var owned = new DatasetHandle(dataset);
        fixed (float* labels = batch.Labels, weights = batch.Weights)
        {
            LightGbmException.Check(LGBM_DatasetSetField(owned, "label", labels, batch.RowCount, 0));
            LightGbmException.Check(LGBM_DatasetSetField(owned, "weight", weights, batch.RowCount, 0));
        }

        LightGbmException.Check(NativeLightGbm.LGBM_BoosterCreate(owned, parameters, out var booster));
        using var growing = new BoosterHandle(booster);
        for (var tree = 0; tree < options.Trees; tree++)
        {
            LightGbmException.Check(NativeLightGbm.LGBM_BoosterUpdateOneIter(growing, out _));
        }

        LightGbmException.Check(NativeLightGbm.LGBM_BoosterSaveModelToString(growing, 0, 0, 0, 0, out var bytes, null));
        var text = new byte[bytes];
        fixed (byte* buffer = text)
        {
            LightGbmException.Check(NativeLightGbm.LGBM_BoosterSaveModelToString(growing, 0, 0, 0, bytes, out _, buffer));
        }

        return Load(System.Text.Encoding.UTF8.GetString(text.AsSpan(0, text.Length - 1)), missing);
    }

    public static NativeModel Load(string text, float missing = float.NaN)
    {
        LightGbmLibrary.Load();
        LightGbmException.Check(NativeLightGbm.LGBM_BoosterLoadModelFromString(text, out _, out var handle));
        return new NativeModel(text, handle, missing);
    }

    public BoostedTreesPredictor Predictor(Loss loss, FeatureLayout layout) =>
        new(loss.Output, LightGbmModelText.Read(Text, layout, float.IsNaN(_missing) ? [] : MissingFirst(layout, _missing)));

    /// <summary>[rows × scores] raw scores.</summary>
    public double[] Scores(FeatureBuffer features, int scores = 1) => Predict(features, NativeLightGbm.RawScore, scores);

    /// <summary>[rows × scores × (features + 1)] attributions, the expected score last.</summary>
    public double[] Contributions(FeatureBuffer features, int scores) => Predict(
        features, NativeLightGbm.Contributions,
        scores * (features.Layout.Numerics.Length + features.Layout.Categories.Length + 1));

    public void Dispose() => _handle.Dispose();

    double[] Predict(FeatureBuffer features, int kind, int columns)
    {
        var rows = Lay(features, _missing);
        var results = new double[features.RowCount * columns];
        using var threads = NativeThreads.Hold(1);
        fixed (double* values = rows, into = results)
        {
            LightGbmException.Check(NativeLightGbm.LGBM_BoosterPredictForMat(
                _handle, values, NativeLightGbm.Float64, features.RowCount, rows.Length / features.RowCount, 1, kind, 0, 0, $"num_threads={threads.Count}", out _,
                into));
        }

        return results;
    }

    static System.Collections.Immutable.ImmutableArray<float> MissingFirst(FeatureLayout layout, float value) =>
        [.. layout.Numerics.Select((_, index) => index == 0 ? value : float.NaN)];

    static double[] Lay(FeatureBuffer features, float missing)
    {
        var rows = new double[features.RowCount * (features.Layout.Numerics.Length + features.Layout.Categories.Length)];
        BinnedRows.Lay(features, new LaidNumbers(null, MissingFirst(features.Layout, missing)), rows);
        return rows;
    }

    [LibraryImport("lib_lightgbm", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LGBM_DatasetCreateFromMat(
        double* rows, int dataType, int rowCount, int columnCount, int isRowMajor, string parameters, nint reference, out nint dataset);

    [LibraryImport("lib_lightgbm", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LGBM_DatasetSetField(DatasetHandle dataset, string field, float* values, int count, int type);
}
