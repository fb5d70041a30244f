// R-29 with money: storms at a provider cost time, no call and hardly anything else.
#include <array>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "pipeline/evaluate.hpp"
#include "pipeline/given_transcript.hpp"
#include "pipeline/join_speech.hpp"
#include "pipeline/provider_gate.hpp"
#include "pipeline/scorecards.hpp"
#include "providers/blob/local_store.hpp"
#include "providers/stt/openai.hpp"
#include "store/calls.hpp"
#include "store/judgements.hpp"
#include "support/imposter.hpp"
#include "support/queue_fixture.hpp"

namespace hs::pipeline {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::ImposterReply;

constexpr int calls = 500;
constexpr int good_between_storms = 100;
constexpr auto storm_length = 3s;
constexpr double dollars_an_hour = 3600; // a dollar a second of audio
constexpr double seconds_of_audio = 0.8;

constexpr const char* words = R"({"text":"thank you for calling","language":"english",
    "segments":[{"start":0.1,"end":0.7,"text":"thank you for calling"}]})";

/// Well for a hundred replies, then in the next of its moods for three seconds, and so on.
class MoodyServer {
public:
    MoodyServer() {
        imposter_.otherwise([this](const test::ImposterRequest&) { return answer(); });
    }

    [[nodiscard]] std::string url() const { return imposter_.url(); }

    [[nodiscard]] int requests() const { return static_cast<int>(imposter_.requests().size()); }

    /// Replies that a provider would charge for.
    [[nodiscard]] int charged() const {
        const std::lock_guard lock(mutex_);
        return good_ + met_.at(garbage);
    }

    [[nodiscard]] std::array<int, 4> met() const {
        const std::lock_guard lock(mutex_);
        return met_;
    }

private:
    enum Mood : std::size_t { rate_limit, error, hang, garbage };

    ImposterReply answer() {
        const std::lock_guard lock(mutex_);
        const auto now = steady_clock::now();
        if (since_ && now - *since_ > storm_length) {
            since_.reset();
            ++storms_;
        }
        if (!since_ && storms_ < met_.size() &&
            good_ >= good_between_storms * (int(storms_) + 1) - good_between_storms / 2)
            since_ = now;
        if (!since_) {
            ++good_;
            return {.body = words};
        }
        ++met_.at(storms_);
        switch (static_cast<Mood>(storms_)) {
        case rate_limit: return {.status = 429, .headers = {{"Retry-After", "2"}}};
        case error: return {.status = met_.at(error) % 2 == 0 ? 500 : 503};
        case hang: return {.trick = ImposterReply::Trick::hang};
        case garbage: return {.body = R"({"text":"thank y)"};
        }
        return {};
    }

    mutable std::mutex mutex_;
    std::size_t storms_ = 0; // that are over
    std::optional<steady_clock::time_point> since_;
    std::array<int, 4> met_{};
    int good_ = 0;
    test::Imposter imposter_; // last: its threads end before what they use
};

struct Folder {
    Folder() {
        if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    }

    ~Folder() { std::filesystem::remove_all(path); }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string path = std::filesystem::temp_directory_path() / "hs-storm-XXXXXX";
};

/// What one worker process has: recordings are made up, what is heard in them is judged by rules.
class Worker {
public:
    Worker(test::LiveDatabase& live, const JudgePtr& judge, const std::string& url)
        : live_(live), ledger_({*live.database, clock_, live.log, live.metrics}, prices(), {}),
          gate_(parts(), options()), speech_(config(url), transport()),
          scorecards_({*live.database, cpu_, {}, grounds(), judge, live.log}),
          services_(services(judge)),
          runner_(std::make_unique<queue::Runner>(
              *live.database, runner_options(), live.log, live.metrics)) {
        queue::Handler handler;
        handler.kind = transcribe_kind;
        handler.queue = speech_queue;
        handler.run = [this](queue::JobContext context) { return hear(std::move(context)); };
        runner_->add(std::move(handler));
        runner_->add(evaluate_handler(services_));
    }

    std::unique_ptr<queue::Runner> take_runner() { return std::move(runner_); }

private:
    static std::shared_ptr<const analysis::Grounds> grounds() {
        return analysis::load_grounds(HS_SOURCE_DIR "/scorecards").value();
    }

    static Prices prices() {
        const auto table = parse_json(
            R"({"prices":[{"provider":"openai","model":"whisper-1","audio_hour":3600}]})");
        return Prices::read(table.value()).value();
    }

    static ProviderGateOptions options() {
        ProviderGateOptions out;
        out.first_pause = 1s;
        out.longest_pause = 2s;
        out.probe_wait = 1s;
        out.default_pause = 1s;
        return out;
    }

    static queue::RunnerOptions runner_options() {
        auto out = queue::quick_options();
        out.slots = {{speech_queue, 8}, {judge_queue, 1}};
        return out;
    }

    ProviderGate::Parts parts() {
        return {.database = *live_.database,
                .keys = keys_,
                .clock = clock_,
                .transport = transport(),
                .log = live_.log,
                .metrics = live_.metrics,
                .ledger = &ledger_};
    }

    Services services(const JudgePtr& judge) {
        return {.database = *live_.database,
                .cpu = cpu_,
                .disk = disk_,
                .decoder = decoder_,
                .blobs = blobs_,
                .speech = speech_,
                .gate = gate_,
                .judge = *judge,
                .scorecards = scorecards_,
                .keys = keys_,
                .clock = clock_,
                .watch = watch_,
                .room = room_,
                .metrics = live_.metrics,
                .log = live_.log,
                .settings = {},
                .models = nullptr,
                .ledger = &ledger_,
                .wake = [](const std::string&, TenantId) {}};
    }

    providers::Transport transport() {
        return [this](OutboundRequest request) {
            request.first_byte_limit = 1s; // a minute in earnest
            return client_.send(std::move(request));
        };
    }

    static providers::OpenAiSpeechConfig config(const std::string& url) {
        providers::OpenAiSpeechConfig out;
        out.base_url = url + "/v1";
        out.api_key = Secret(std::string("sk-test"));
        out.allow_private = true;
        out.repeat_delay = 5ms;
        return out;
    }

    /// No two calls sound the same: the journal answers nothing that was not paid for.
    static providers::SpeechRequest recording(const queue::Job& job) {
        const auto sample = static_cast<std::int16_t>(job.args.at("number").to_number<int>());
        constexpr auto samples = static_cast<std::size_t>(seconds_of_audio * 16000);
        providers::SpeechRequest out;
        out.tracks.push_back({"ch0",
                              std::make_shared<const std::vector<std::int16_t>>(samples, sample),
                              {{100, 700}}});
        return out;
    }

    Task<queue::Outcome> hear(queue::JobContext context) {
        const auto tenant = context.job.tenant;
        const auto call = CallId::parse(context.job.subject).value();
        auto request = recording(context.job);
        request.exchange = gate_.exchange(tenant, call.str());
        const auto speech = co_await speech_.transcribe(std::move(request));
        if (!speech) co_return queue::Outcome::from(speech.error());
        AudioFacts facts;
        facts.duration_ms = static_cast<int>(seconds_of_audio * 1000);
        const auto transcript = join_speech(*speech, facts, std::nullopt, {});
        auto insert = transcript_insert(services_, tenant, call, transcript, {}, {});
        const auto next = evaluate_job(call, insert.id, "first");
        const pg::Scope scope{tenant, pg::DbRole::worker};
        auto transaction = co_await live_.database->begin(scope);
        if (!co_await queue::finish(*transaction, context.job)) co_return queue::Outcome::fenced();
        co_await store::mark_transcribed(*transaction, tenant, call, insert.id);
        co_await store::insert_transcript(*transaction, tenant, std::move(insert));
        co_await queue::enqueue(*transaction, tenant, next);
        co_await transaction->commit();
        co_return queue::Outcome::done();
    }

    test::LiveDatabase& live_;
    SystemClock clock_;
    MasterKey keys_{Key256{1, 2, 3}};
    HttpClient client_;
    SpendLedger ledger_;
    ProviderGate gate_;
    providers::OpenAiSpeech speech_;
    CpuPool cpu_{1};
    CpuPool disk_{1};
    audio::Decoder decoder_{"/nowhere"}; // neither is asked for anything
    Folder folder_;
    providers::LocalStore blobs_{folder_.path, providers::tenant_keys(keys_)};
    CallWatch watch_;
    QueueRoom room_;
    Scorecards scorecards_;
    Services services_;
    std::unique_ptr<queue::Runner> runner_;
};

class ProviderStorm : public queue::QueueTest {
public:
    /// Calls whose jobs wait to be heard.
    void add_calls() {
        live.base.sql(
            "WITH call AS (INSERT INTO calls (tenant_id, id, audio_url, duration_seconds, "
            "call_timestamp, processing_status) SELECT '" +
            tenant.str() +
            "', ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'local:x', 60, "
            "now(), "
            "'pending' FROM generate_series(1, " +
            std::to_string(calls) +
            ") AS n RETURNING id) INSERT INTO jobs (tenant_id, queue, kind, subject, args) SELECT "
            "'" +
            tenant.str() +
            "', 'speech', 'transcribe', id::text, jsonb_build_object('number', "
            "right(id::text, 4)::int) FROM call");
    }

    bool all_ended() {
        const auto limit = steady_clock::now() + 120s;
        while (count("jobs") > 0 && steady_clock::now() < limit)
            std::this_thread::sleep_for(50ms);
        return count("jobs") == 0;
    }

    double dollars(const std::string& what) {
        return std::stod(live.base.sql("SELECT " + what).at(0));
    }

    MoodyServer server;
};

TEST_F(ProviderStorm, EveryCallIsAnalysedForHardlyMoreThanItHasToCost) {
    auto loaded = analysis::Judge::load(HS_SOURCE_DIR "/scorecards", "battery-swap-support", 1);
    ASSERT_TRUE(loaded);
    const JudgePtr judge = std::make_shared<const analysis::Judge>(*std::move(loaded));
    add_calls();
    Worker first(live, judge, server.url());
    Worker second(live, judge, server.url());
    {
        queue::RunningRunner one(live, first.take_runner());
        queue::RunningRunner other(live, second.take_runner());
        ASSERT_TRUE(all_ended()) << count("jobs") << " are left";
    }
    EXPECT_EQ(count("calls WHERE processing_status = 'analyzed'"), calls);
    EXPECT_EQ(count("evaluations"), calls);
    EXPECT_EQ(count("jobs_history WHERE outcome <> 'done'"), 0);
    const auto met = server.met();
    for (const int requests : met)
        EXPECT_GE(requests, 4) << "a storm was missed";
    EXPECT_LE(server.requests(), calls * 1.2);
    EXPECT_LE(server.charged(), calls * 1.2);
    const double least = calls * seconds_of_audio * dollars_an_hour / 3600;
    const double spent = dollars("sum(cost_usd) FROM paid_requests");
    EXPECT_GE(spent, least - 1e-6);
    EXPECT_LE(spent, 1.2 * least);
    EXPECT_EQ(dollars("spent_usd FROM budget_windows WHERE grain = 'month'"), spent);
    EXPECT_EQ(dollars("reserved_usd FROM budget_windows WHERE grain = 'month'"), 0);
    std::cout << fmt::format("{} calls, {} requests, {} charged for; rate limits {}, errors {}, "
                             "hangs {}, garbage {}; spent {:.3f} of the minimum\n",
                             calls,
                             server.requests(),
                             server.charged(),
                             met[0],
                             met[1],
                             met[2],
                             met[3],
                             spent / least);
}

} // namespace
} // namespace hs::pipeline
