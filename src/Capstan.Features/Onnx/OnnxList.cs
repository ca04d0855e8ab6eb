namespace Capstan.Features;

/// <summary>Lists of texts as a rectangle of tensors: the longest list of the rows decides its width.</summary>
/// <param name="Items">Texts [rows × width], width ≥ 1; where no item stands, a text that means nothing.</param>
/// <param name="Present">[rows × width] whether an item of the row's list stands there; its items are in order.</param>
/// <param name="Missing">[rows × 1]</param>
/// <param name="IsPacked">Whether the items of each row stand at its beginning.</param>
readonly record struct OnnxList(OnnxValue Items, OnnxValue Present, OnnxValue Missing, bool IsPacked);
