using System.Runtime.InteropServices;

namespace Capstan.Training.Trees;

/// <summary>What Capstan uses of LightGBM's C API (LightGBM/c_api.h of 4.7.0), under its own names. All return 0 on success.</summary>
static unsafe partial class NativeLightGbm
{
    public const int Float64 = 1;
    public const int RawScore = 1;
    public const int Contributions = 3;
    const string Library = "lib_lightgbm";

    [LibraryImport(Library)]
    public static partial byte* LGBM_GetLastError();

    [LibraryImport(Library)]
    public static partial int LGBM_RegisterLogCallback(delegate* unmanaged<byte*, void> callback);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_DatasetCreateFromSampledColumn(
        double** sampleValues, int** sampleRows, int columnCount, int* countPerColumn, int sampleRowCount, int localRowCount,
        long allRowCount, string parameters, out nint dataset);

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetCreateByReference(DatasetHandle reference, long rowCount, out nint dataset);

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetInitStreaming(
        DatasetHandle dataset, int hasWeights, int hasInitialScores, int hasQueries, int classes, int callers, int mostThreads);

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetPushRowsWithMetadata(
        DatasetHandle dataset, double* rows, int dataType, int rowCount, int columnCount, int firstRow, float* labels, float* weights,
        double* initialScores, int* queries, int caller);

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetMarkFinished(DatasetHandle dataset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_DatasetSetField(DatasetHandle dataset, string field, void* values, int count, int dataType);

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetFree(nint dataset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterCreate(DatasetHandle train, string parameters, out nint booster);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterFree(nint booster);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterAddValidData(BoosterHandle booster, DatasetHandle validation);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterUpdateOneIter(BoosterHandle booster, out int isFinished);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterGetPredict(BoosterHandle booster, int dataset, out long count, double* results);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterSaveModelToString(
        BoosterHandle booster, int firstIteration, int iterations, int importanceType, long bufferBytes, out long neededBytes,
        byte* buffer);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterPredictForMat(
        BoosterHandle booster, double* rows, int dataType, int rowCount, int columnCount, int isRowMajor, int predictType,
        int firstIteration, int iterations, string parameters, out long count, double* results);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterLoadModelFromString(string model, out int iterations, out nint booster);

    [LibraryImport(Library)]
    public static partial int LGBM_NetworkInitWithFunctions(
        int machines, int rank, delegate* unmanaged<byte*, int, int, int*, int*, int, byte*, int,
        delegate* unmanaged<byte*, byte*, int, int, void>*, void> reduceScatter,
        delegate* unmanaged<byte*, int, int*, int*, int, byte*, int, void> allgather);

    [LibraryImport(Library)]
    public static partial int LGBM_NetworkFree();
}
