namespace Capstan.Features;

/// <summary>Functions of lists, and the vectors made of them.</summary>
public static partial class FunctionEntries
{
    static FunctionEntry[] Lists =>
    [
        new("split(w, 'a')", "the parts between separators; none of an empty text"),
        new("words(w)", "the runs of letters, combining marks and digits"),
        new("characters(w)", "the code points"),
        new("ngrams(tags, 1, 2, '+')", "every 1 to 2 items that stand next to each other, joined by the separator, which is a space if left out"),
        new("distinct(tags)", "the list without what stands in it before"),
        new("count(tags)", "the number of items"),
        new("word_count(w)", "`count(words(w))`"),
        new("item(tags, 0)", "the item at place 0; missing if there is none"),
        new("join(tags, '+')", "the items as one text"),
        new("includes(tags, 'new')", "whether an item equals the text"),
        new(
            "bag_of_words(tags, max_size: 2)",
            "a number for each of the terms that stand in most lists of the training rows: how often it stands in the list; `min_count` is the least number of lists"),
        new("bag_of_words(tags, ['new', 'used'])", "how often each of these terms stands in the list"),
        new("multi_hot(tags, max_size: 2)", "as `bag_of_words`, but 1 for every term that is there"),
        new(
            "tf_idf(tags, max_size: 2)",
            "as `bag_of_words`: a term's share of the list × 1 + ln((lists + 1) / (lists with the term + 1)); with `smooth: 0` × 1 + ln(lists / lists with the term)"),
    ];
}
