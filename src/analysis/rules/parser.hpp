/// The parser behind parse_expression: one expression of the rule language, by descent.
///
/// Reading lies in parser.cpp with the operators, scopes in parser_scopes.cpp, what stands between
/// operators in parser_atoms.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/rules/lexer.hpp"
#include "analysis/rules/syntax.hpp"

namespace hs::analysis {

/// The first error stops the parse through `failed_`; nothing is thrown.
class Parser {
public:
    Parser(const SourceText& source, Syntax& syntax, std::vector<Lint>& lints)
        : source_(source), syntax_(syntax), lints_(lints), items_(lex(source.text)) {}

    int run();

private:
    // --- reading ---
    [[nodiscard]] const Lex& here(std::size_t ahead = 0) const;
    [[nodiscard]] bool is(std::string_view text, std::size_t ahead = 0) const;
    bool take(std::string_view text);
    void need(std::string_view text);
    [[nodiscard]] std::string shown() const;
    void error(const char* code, std::string message, std::string suggestion = {});
    double number(const char* what);
    int integer(const char* what);
    int add(Node node, const Lex& item);
    int join(NodeKind kind, int left, int right, const Lex& item);

    // --- expression ---
    int expression(int scope, MatchMode mode, int depth);
    int conjunction(int scope, MatchMode mode, int depth);
    int relation(int scope, MatchMode mode, int depth);
    bool relation_sign(Node& node);
    int duration();
    int unary(int scope, MatchMode mode, int depth);

    // --- scopes ---
    int scope_items(int parent, MatchMode& mode);
    int intern(Scope scope);
    void scope_item(Scope& scope, MatchMode& mode);
    void mode_item(const std::string& word, MatchMode& mode);
    void named_item(Scope& scope, ItemKind kind);
    void next_item(Scope& scope);
    void edge_item(Scope& scope, bool first);
    void turns_item(Scope& scope);
    void range_item(Scope& scope);

    // --- atoms ---
    int atom(int scope, MatchMode mode, int depth);
    void string_atom(Node& node, const Lex& item);
    void named_atom(Node& node, const std::string& name, int depth);
    void count_atom(Node& node, int depth);
    bool compare(Node& node);
    [[nodiscard]] bool at_comparison() const;
    void unit(Node& node);
    void event_atom(Node& node);
    void sentiment_scope(Node& node);
    void value_atom(Node& node, ValueKind kind);
    std::string literal();
    void meta_atom(Node& node);
    void answer_atom(Node& node);

    const SourceText& source_;
    Syntax& syntax_;
    std::vector<Lint>& lints_;
    std::vector<Lex> items_;
    std::size_t at_ = 0;
    int nodes_ = 0;
    bool failed_ = false;
};

} // namespace hs::analysis
