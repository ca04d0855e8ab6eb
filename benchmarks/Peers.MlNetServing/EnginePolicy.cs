using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;

namespace Capstan.Benchmarks.Peers;

/// <summary>Makes prediction engines for a pool: one is not thread-safe, and slow to make.</summary>
sealed class EnginePolicy(MLContext context, ITransformer model) : PooledObjectPolicy<PredictionEngine<WideRow, WidePrediction>>
{
    public override PredictionEngine<WideRow, WidePrediction> Create() =>
        context.Model.CreatePredictionEngine<WideRow, WidePrediction>(model);

    public override bool Return(PredictionEngine<WideRow, WidePrediction> engine) => true;
}
