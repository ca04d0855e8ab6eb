using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Capstan.Client;

/// <summary>For applications that are put together by dependency injection.</summary>
public static class CapstanClientServices
{
    /// <summary>Adds the connection to a server, over an <see cref="HttpClient"/> of the application's factory.</summary>
    public static IHttpClientBuilder AddCapstan(this IServiceCollection services, CapstanClientOptions options) =>
        services.AddHttpClient<CapstanConnection, CapstanConnection>(http => new CapstanConnection(http, options));

    /// <summary>Adds predictions of one model; after <see cref="AddCapstan"/>.</summary>
    /// <param name="version">Null: whatever the default version is.</param>
    public static IServiceCollection AddPredictions<TInput, TOutput>(
        this IServiceCollection services, string model, string? version, JsonTypeInfo<TInput> inputType,
        JsonTypeInfo<TOutput> outputType) =>
        services.AddTransient(provider => new PredictionClient<TInput, TOutput>(
            provider.GetRequiredService<CapstanConnection>(), model, version, inputType, outputType));
}
