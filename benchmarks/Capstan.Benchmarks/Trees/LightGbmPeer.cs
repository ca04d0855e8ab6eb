using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Capstan.Benchmarks;

/// <summary>
/// LightGBM called directly through its C API, as its documentation shows it: a matrix in memory becomes a data set, trees grow on
/// it, and the booster predicts. In this process, so that the library and its OpenMP are the same as ours.
/// </summary>
/// <param name="parameters">As LightGBM's documentation names them.</param>
sealed unsafe partial class LightGbmPeer(string parameters) : IDisposable
{
    const int Float32 = 0;
    const int RawScore = 1;
    const string Library = "lib_lightgbm";

    nint _booster;
    nint _oneRow;

    /// <summary>Builds the data set and grows the trees.</summary>
    /// <param name="matrix">[labels.Length × width], row-major.</param>
    public void Train(float[] matrix, float[] labels, int trees)
    {
        nint dataset;
        fixed (float* values = matrix, truth = labels)
        {
            Check(LGBM_DatasetCreateFromMat(
                values, Float32, labels.Length, matrix.Length / labels.Length, 1, parameters, 0, out dataset));
            Check(LGBM_DatasetSetField(dataset, "label", truth, labels.Length, Float32));
        }

        Dispose();
        Check(LGBM_BoosterCreate(dataset, parameters, out _booster));
        for (var tree = 0; tree < trees; tree++)
        {
            Check(LGBM_BoosterUpdateOneIter(_booster, out _));
        }

        // What is predicted by is the model alone, as after saving and loading it.
        var text = SavedModel();
        Dispose();
        Check(LGBM_DatasetFree(dataset));
        Check(LGBM_BoosterLoadModelFromString(text, out _, out _booster));
    }

    /// <summary>Raw scores of many rows on one thread.</summary>
    /// <param name="matrix">[scores.Length × width], row-major.</param>
    public void Predict(float[] matrix, double[] scores)
    {
        fixed (float* values = matrix)
        fixed (double* results = scores)
        {
            Check(LGBM_BoosterPredictForMat(
                _booster, values, Float32, scores.Length, matrix.Length / scores.Length, 1, RawScore, 0, -1, "num_threads=1", out _,
                results));
        }
    }

    /// <summary>The raw score of one row, by the call that LightGBM offers for it.</summary>
    public double Predict(ReadOnlySpan<float> row)
    {
        if (_oneRow == 0)
        {
            Check(LGBM_BoosterPredictForMatSingleRowFastInit(
                _booster, RawScore, 0, -1, Float32, row.Length, "num_threads=1", out _oneRow));
        }

        double score;
        fixed (float* values = row)
        {
            Check(LGBM_BoosterPredictForMatSingleRowFast(_oneRow, values, out _, &score));
        }

        return score;
    }

    public void Dispose()
    {
        if (_oneRow != 0)
        {
            Check(LGBM_FastConfigFree(_oneRow));
        }

        if (_booster != 0)
        {
            Check(LGBM_BoosterFree(_booster));
        }

        (_booster, _oneRow) = (0, 0);
    }

    string SavedModel()
    {
        Check(LGBM_BoosterSaveModelToString(_booster, 0, -1, 0, 0, out var bytes, null));
        var text = new byte[bytes];
        fixed (byte* buffer = text)
        {
            Check(LGBM_BoosterSaveModelToString(_booster, 0, -1, 0, bytes, out _, buffer));
        }

        return Encoding.UTF8.GetString(text.AsSpan(0, text.Length - 1)); // it ends with a zero
    }

    static void Check(int code)
    {
        if (code != 0)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"LightGBM: {Marshal.PtrToStringUTF8(LGBM_GetLastError())}"));
        }
    }

    [LibraryImport(Library)]
    private static partial nint LGBM_GetLastError();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LGBM_DatasetCreateFromMat(
        float* rows, int dataType, int rowCount, int columnCount, int isRowMajor, string parameters, nint reference, out nint dataset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LGBM_DatasetSetField(nint dataset, string field, float* values, int count, int type);

    [LibraryImport(Library)]
    private static partial int LGBM_DatasetFree(nint dataset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LGBM_BoosterCreate(nint train, string parameters, out nint booster);

    [LibraryImport(Library)]
    private static partial int LGBM_BoosterFree(nint booster);

    [LibraryImport(Library)]
    private static partial int LGBM_BoosterUpdateOneIter(nint booster, out int isFinished);

    [LibraryImport(Library)]
    private static partial int LGBM_BoosterSaveModelToString(
        nint booster, int firstIteration, int iterations, int importanceType, long bufferBytes, out long neededBytes, byte* buffer);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LGBM_BoosterLoadModelFromString(string model, out int iterations, out nint booster);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LGBM_BoosterPredictForMat(
        nint booster, float* rows, int dataType, int rowCount, int columnCount, int isRowMajor, int predictType, int firstIteration,
        int iterations, string parameters, out long count, double* results);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LGBM_BoosterPredictForMatSingleRowFastInit(
        nint booster, int predictType, int firstIteration, int iterations, int dataType, int columnCount, string parameters,
        out nint prepared);

    [LibraryImport(Library)]
    private static partial int LGBM_BoosterPredictForMatSingleRowFast(nint prepared, float* row, out long count, double* result);

    [LibraryImport(Library)]
    private static partial int LGBM_FastConfigFree(nint prepared);
}
