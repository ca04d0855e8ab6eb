namespace Capstan.Models;

/// <summary>
/// A predictor that can attribute its scores to its features by what it is made of: exactly, or with a bounded error.
/// </summary>
public interface IExplainablePredictor : IPredictor
{
    /// <summary>Makes what attributes this predictor's scores.</summary>
    /// <param name="reference">
    /// Rows of the predictor's layout that attributions are relative to, at least one. A method that has its own (trees know how
    /// many training rows each leaf had) does not read them.
    /// </param>
    /// <exception cref="ArgumentException">The rows are of another layout.</exception>
    IAttributor CreateAttributor(ReferenceRows reference);
}
