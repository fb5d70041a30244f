/// What is done to a call: ingest, transcribe, evaluate, look after.
///
/// The stages share this bundle of long-lived objects, built once in app/wiring. A stage owns its
/// transactions; no transaction is open while a provider, the store of audio or a child works.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "analysis/judge.hpp"
#include "audio/audio.hpp"
#include "base/clock.hpp"
#include "base/cpu_pool.hpp"
#include "base/log.hpp"
#include "base/master_key.hpp"
#include "base/metrics.hpp"
#include "pg/database.hpp"
#include "pipeline/call_watch.hpp"
#include "pipeline/provider_gate.hpp"
#include "pipeline/queue_room.hpp"
#include "providers/blob/blob_store.hpp"
#include "providers/stt/speech_to_text.hpp"
#include "queue/runner.hpp"

namespace hs::pipeline {

class Scorecards;
struct ModelServices;

enum class Dedupe { flag, reuse };

struct Settings {
    bool strict_categories = false;
    Dedupe dedupe = Dedupe::flag;
    audio::DecodeLimits decode;
    std::filesystem::path spool; // unnamed temporary files live here
    std::string scorecard_key = "battery-swap-support";
    std::uint64_t max_upload_bytes = 200u << 20;
    std::uint64_t least_free_percent = 5;   // of the disk under the spool
    std::int64_t max_queue_length = 100000; // longer: uploads are refused for a while
};

struct Services {
    pg::Database& database;
    CpuPool& cpu;
    CpuPool& disk; // fsync and object reads: they block but do not compute
    const audio::Decoder& decoder;
    providers::BlobStore& blobs;
    providers::SpeechToText& speech;
    ProviderGate& gate;           // the engine's paid requests go through it
    const analysis::Judge& judge; // of the configured scorecard
    Scorecards& scorecards;
    const MasterKey& keys;
    const Clock& clock;
    CallWatch& watch;
    QueueRoom& room;
    Metrics& metrics;
    Log log;
    Settings settings;
    const ModelServices* models = nullptr; // null: rules only
    SpendLedger* ledger = nullptr;         // null: nobody counts money
    /// Tells the queue that a job was committed.
    std::function<void(const std::string& queue, TenantId tenant)> wake;
};

inline constexpr const char* speech_queue = "speech";
inline constexpr const char* judge_queue = "judge";
inline constexpr const char* transcribe_kind = "transcribe";
inline constexpr const char* evaluate_kind = "evaluate";
/// A later try at what a model could not say: an evaluation exists meanwhile, nobody waits for it.
inline constexpr const char* upgrade_kind = "upgrade";

} // namespace hs::pipeline
