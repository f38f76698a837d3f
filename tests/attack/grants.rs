//! What a project asks for beyond its own directory and its own container: asked about, or refused.
