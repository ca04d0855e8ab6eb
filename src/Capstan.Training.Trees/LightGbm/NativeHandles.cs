using System.Runtime.InteropServices;

namespace Capstan.Training.Trees;

/// <summary>A data set in LightGBM's memory.</summary>
sealed class DatasetHandle : SafeHandle
{
    public DatasetHandle(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => NativeLightGbm.LGBM_DatasetFree(handle) == 0;
}

/// <summary>A model in LightGBM's memory.</summary>
sealed class BoosterHandle : SafeHandle
{
    public BoosterHandle(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => NativeLightGbm.LGBM_BoosterFree(handle) == 0;
}
